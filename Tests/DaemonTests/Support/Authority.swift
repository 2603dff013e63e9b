import Exchange
import Foundation
import Validation

/// A certificate authority minted for a test.
struct Authority: Sendable {
    let issuer: CertificateMint.Issuer

    init(_ name: String) throws {
        let key = try CertificateMint.key(.p256)
        let now = Date()
        let certificate = try CertificateMint.certificate(
            .init(
                commonName: name, organisation: "Écluse tests", notBefore: now - 86_400,
                notAfter: now + 86_400,
                isAuthority: true),
            key: key)
        issuer = CertificateMint.Issuer(certificate: certificate, key: key)
    }

    var pem: [UInt8] { CertificateMint.pem(issuer.certificate) }

    /// A signing certificate with its key; in date unless said otherwise.
    func issue(
        to name: String, _ kind: CertificateMint.KeyKind = .p256, company: String? = "Acme",
        from: Date = Date() - 3600,
        until: Date = Date() + 86_400
    ) throws -> Signatory {
        let key = try CertificateMint.key(kind)
        let certificate = try CertificateMint.certificate(
            .init(commonName: name, organisation: company, notBefore: from, notAfter: until), key: key,
            issuer: issuer)
        return try Signatory(key: key, certificate: certificate)
    }

    /// A revocation list, PEM.
    func list(revoking: [Signatory], number: Int, from: Date = Date() - 60, until: Date?) throws -> [UInt8] {
        let entries = revoking.map { signatory in
            ([UInt8](hexadecimal: signatory.certificate.serialHexadecimal.evenLength) ?? [], Date() - 60)
        }
        return CertificateMint.pem(
            try CertificateMint.revocationList(
                .init(revoked: entries, number: number, thisUpdate: from, nextUpdate: until), issuer: issuer))
    }
}

extension String {
    fileprivate var evenLength: String { count.isMultiple(of: 2) ? self : "0" + self }
}

/// Who signs: a key and its certificate.
struct Signatory: Sendable {
    let certificate: CertificateFacts
    let keyPEM: [UInt8]
    private let signer: DocumentSigner

    init(key: CertificateMint.PrivateKey, certificate: CertificateFacts) throws {
        self.certificate = certificate
        keyPEM = try key.pem()
        signer = try DocumentSigner(
            privateKeyPEM: keyPEM, certificate: CertificateMint.pem(certificate), passphrase: nil)
    }

    var pem: [UInt8] { CertificateMint.pem(certificate) }

    /// The bytes of an FS for these bytes.
    func sign(_ bytes: [UInt8]) throws -> [UInt8] { try signer.sign(bytes) }
}
