import Exchange
import Foundation
import Validation

/// The authorities of one test world: an accepted one with a revocation list, and one nobody accepts.
struct Authorities: Sendable {
    /// Every certificate with this serial number is on the list of the accepted authority.
    static let revokedSerial: [UInt8] = [0x5E, 0x0A]

    let accepted: CertificateMint.Issuer
    let foreign: CertificateMint.Issuer
    let revocationList: RevocationListFacts
    /// Shared, because making an RSA key is slow.
    private static let rsaKey = Result { try CertificateMint.key(.rsa(bits: 2048)) }

    private static let day: TimeInterval = 86_400

    init() throws {
        accepted = try Authorities.authority("Accepted Authority")
        foreign = try Authorities.authority("Foreign Authority")
        let now = Date()
        revocationList = try CertificateMint.revocationList(
            .init(
                revoked: [(Authorities.revokedSerial, now - Authorities.day)], number: 1,
                thisUpdate: now - Authorities.day, nextUpdate: now + Authorities.day),
            issuer: accepted)
    }

    private static func authority(_ name: String) throws -> CertificateMint.Issuer {
        let key = try CertificateMint.key(.p256)
        let request = CertificateMint.Request(
            commonName: name, notBefore: Date() - 1000 * day, notAfter: Date() + 1000 * day, isAuthority: true
        )
        return CertificateMint.Issuer(
            certificate: try CertificateMint.certificate(request, key: key), key: key)
    }

    /// A signer of its own kind, with a new certificate.
    func signer(_ kind: SignerKind) throws -> TestSigner {
        let key = try kind == .rsa ? Authorities.rsaKey.get() : CertificateMint.key(.p256)
        let (from, until): (TimeInterval, TimeInterval) =
            switch kind {
            case .expired: (-20, -10)
            case .early: (10, 20)
            default: (-10, 10)
            }
        let request = CertificateMint.Request(
            commonName: "Signer \(kind.rawValue)", organisation: "Acme",
            notBefore: Date() + from * Authorities.day, notAfter: Date() + until * Authorities.day,
            serial: kind == .revoked ? Authorities.revokedSerial : nil)
        let issuer: CertificateMint.Issuer? =
            switch kind {
            case .foreign: foreign
            case .selfsigned: nil
            default: accepted
            }
        return try TestSigner(
            certificate: CertificateMint.certificate(request, key: key, issuer: issuer), key: key)
    }
}

/// The people and machines that sign in the corpus.
enum SignerKind: String, CaseIterable, Sendable, Codable {
    /// Registered on every channel but the folder.
    case acme
    /// Registered besides, for a renewal with overlap.
    case renewal
    /// Registered besides, with an RSA key.
    case rsa
    /// Registered on the folder channel only.
    case folder
    /// Registered; its certificate has expired.
    case expired
    /// Registered; its certificate is not valid yet.
    case early
    /// Registered; revoked by its authority.
    case revoked
    /// Registered once, the registration revoked by the sender.
    case withdrawn
    /// Registered for the other sender.
    case other
    /// Of the accepted authority, registered nowhere.
    case stranger
    /// Of an authority nobody accepts.
    case foreign
    case selfsigned

    /// Registered for the sender on its SFTP channel.
    static let registered: [SignerKind] = [.acme, .renewal, .rsa, .expired, .early, .revoked, .withdrawn]
}

/// A certificate with its key.
struct TestSigner: Sendable {
    let certificate: CertificateFacts
    let keyPEM: [UInt8]
    let signer: DocumentSigner

    init(certificate: CertificateFacts, key: CertificateMint.PrivateKey) throws {
        self.certificate = certificate
        keyPEM = try key.pem()
        signer = try DocumentSigner(
            privateKeyPEM: keyPEM, certificate: CertificateMint.pem(certificate), passphrase: nil)
    }
}
