public import Foundation

/// What is wrong with a certificate, a certificate revocation list or a key that was given to us.
public enum CertificateFault: Error, Sendable, Hashable {
    case notACertificate
    case privateKeyGiven
    case severalCertificates
    /// RSA below 2048 bits.
    case weakKey(kind: String, bits: Int)
    /// Neither RSA nor an elliptic curve P-256, P-384 or P-521; the name OpenSSL gives it.
    case unsupportedKey(String)
    case expired(Date)
    case notYetValid(Date)
    /// An authority is wanted and its basic constraints say it is none.
    case notAnAuthority
    /// A signer is wanted and its basic constraints say it is an authority.
    case isAnAuthority
    /// No path to an accepted authority; of a list: signed by none.
    case noAcceptedAuthority
    case revoked(at: Date)
    /// Its key usage has neither digitalSignature nor nonRepudiation.
    case signatureUseNotAllowed
    /// Refused by the path validation of RFC 5280 for another reason, given in OpenSSL's words.
    case notAcceptable(String)
    /// Not the peer's doing: memory, a key that does not fit its certificate, a file that cannot be read.
    case internalFault(String)

    /// One English sentence with the particulars.
    public var sentence: String {
        switch self {
        case .notACertificate: "The file holds nothing that can be read as an X.509 object in DER or PEM."
        case .privateKeyGiven:
            "The file holds a private key, which must never leave its owner; the certificate alone is wanted."
        case .severalCertificates: "The file holds more than one certificate; one is wanted."
        case .weakKey(let kind, let bits): "The \(kind) key has \(bits) bits; at least 2048 are wanted."
        case .unsupportedKey(let name):
            "The key is of the kind \(name); RSA, P-256, P-384 and P-521 are taken."
        case .expired(let date): "The certificate expired at \(date.ISO8601Format())."
        case .notYetValid(let date): "The certificate is valid from \(date.ISO8601Format()) only."
        case .notAnAuthority: "The certificate is not one of an authority (basic constraints)."
        case .isAnAuthority: "The certificate is one of an authority (basic constraints), not of a signer."
        case .noAcceptedAuthority: "It was not issued by an accepted authority."
        case .revoked(let date): "The certificate was revoked at \(date.ISO8601Format())."
        case .signatureUseNotAllowed:
            "The key usage of the certificate allows neither digitalSignature nor nonRepudiation."
        case .notAcceptable(let reason): "The certificate is not acceptable: \(reason)."
        case .internalFault(let sentence): sentence
        }
    }
}
