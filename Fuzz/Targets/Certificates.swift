internal import Exchange
internal import Foundation

@testable internal import Registry
@testable internal import Validation

extension FuzzTarget {
    /// A certificate as a file, as somebody registers it.
    ///
    /// Proves: its DER alone is read as the same; as PEM, too; the form in which the registry hands it on is read as
    /// the same; an authority is what says that it is one; no private key is taken.
    static let certificates = FuzzTarget(name: "certificates", longest: 8192) {
        ["signer.pem", "authority.pem", "signer.der", "signer.key", "ec.pem"].map { Material.bytes($0) }
    } prove: { input in
        guard let facts = try? CertificateFacts.read(input) else { return }
        let authorities = try? CertificateFacts.readAuthorities(input)
        hold(authorities == (facts.isAuthority ? [facts] : nil), "an authority for one and not for the other")
        hold((try? CertificateFacts.read(facts.der)) == facts, "a certificate that its DER is not")
        hold(
            (try? CertificateFacts.read(pem(facts.der, "CERTIFICATE"))) == facts,
            "a certificate that its PEM is not")
        hold(facts.fingerprint == Digest(ofSHA256: facts.der), "another fingerprint")
        hold(
            (try? CertificateFacts.read(pem(facts.der, "CERTIFICATE") + privateKey)) == nil,
            "a private key was taken")
        let encoder = JSONEncoder()
        guard let json = try? encoder.encode(CertificateDocument(facts)),
            let document = try? JSONDecoder().decode(CertificateDocument.self, from: json)
        else { return hold(false, "a certificate that cannot be written") }
        hold(document.facts == facts, "a certificate that changes in the registry's form")
    }

    /// A revocation list as a file, as an operator adds it. Proves the same of it.
    static let revocationLists = FuzzTarget(name: "revocation-lists", longest: 8192) {
        ["list.pem", "list.der"].map { Material.bytes($0) }
    } prove: { input in
        guard let facts = try? RevocationListFacts.read(input) else { return }
        hold((try? RevocationListFacts.read(facts.der)) == facts, "a list that its DER is not")
        hold(
            (try? RevocationListFacts.read(pem(facts.der, "X509 CRL"))) == facts, "a list that its PEM is not"
        )
    }

    private static func pem(_ der: [UInt8], _ label: String) -> [UInt8] {
        let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return Array("-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n".utf8)
    }

    private static let privateKey = Material.bytes("signer.key")
}
