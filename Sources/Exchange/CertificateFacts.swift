public import struct Foundation.Date

/// What a certificate says, read once where OpenSSL is and passed on as plain values.
public struct CertificateFacts: Sendable, Hashable, Codable {
    /// The whole certificate.
    public let der: [UInt8]
    /// SHA-256 of `der`; a certificate is registered by it (domain 9.18).
    public let fingerprint: Digest
    /// RFC 2253 form, UTF-8 kept.
    public let subject: String
    public let issuer: String
    /// CN of the subject, or the whole subject when it has none.
    public let owner: String
    /// O of the subject; nil when there is none ("Not specified" on screen, domain 2.4).
    public let company: String?
    public let serialDecimal: String
    /// Capitals, no separators.
    public let serialHexadecimal: String
    public let notBefore: Date
    public let notAfter: Date
    /// `RSA` or `EC`, or OpenSSL's name of another kind.
    public let keyKind: String
    public let keyBits: Int
    /// Basic constraints say CA.
    public let isAuthority: Bool

    public init(
        der: [UInt8], fingerprint: Digest, subject: String, issuer: String, owner: String, company: String?,
        serialDecimal: String, serialHexadecimal: String, notBefore: Date, notAfter: Date, keyKind: String,
        keyBits: Int, isAuthority: Bool
    ) {
        self.der = der
        self.fingerprint = fingerprint
        self.subject = subject
        self.issuer = issuer
        self.owner = owner
        self.company = company
        self.serialDecimal = serialDecimal
        self.serialHexadecimal = serialHexadecimal
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.keyKind = keyKind
        self.keyBits = keyBits
        self.isAuthority = isAuthority
    }
}
