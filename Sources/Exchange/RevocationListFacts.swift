public import struct Foundation.Date

/// What a certificate revocation list says, read once where OpenSSL is and passed on as plain values.
public struct RevocationListFacts: Sendable, Hashable, Codable {
    /// The whole list.
    public let der: [UInt8]
    /// SHA-256 of `der`.
    public let fingerprint: Digest
    /// RFC 2253 form.
    public let issuer: String
    /// The CRL number (RFC 5280 section 5.2.3) in decimal, when it has one.
    public let number: String?
    public let thisUpdate: Date
    public let nextUpdate: Date?

    public init(
        der: [UInt8], fingerprint: Digest, issuer: String, number: String?, thisUpdate: Date,
        nextUpdate: Date?
    ) {
        self.der = der
        self.fingerprint = fingerprint
        self.issuer = issuer
        self.number = number
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
    }
}
