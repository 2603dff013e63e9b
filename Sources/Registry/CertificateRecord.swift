public import Exchange

public import struct Foundation.Date

/// A certificate as a channel holds it.
public struct CertificateRecord: Sendable, Hashable, Codable, Revocable {
    public let facts: CertificateFacts
    /// Bounds of the registration, besides the certificate's own dates; from the first until before the
    /// second.
    public let validFrom: Date?
    public let validUntil: Date?
    /// From this time on it no longer counts.
    public let revokedAt: Date?
    public let registeredAt: Date

    init(facts: CertificateFacts, validFrom: Date?, validUntil: Date?, revokedAt: Date?, registeredAt: Date) {
        self.facts = facts
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.revokedAt = revokedAt
        self.registeredAt = registeredAt
    }

    private enum CodingKeys: CodingKey {
        case facts, validFrom, validUntil, revokedAt, registeredAt
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        facts = try container.decode(CertificateDocument.self, forKey: .facts).facts
        validFrom = try container.decodeIfPresent(Date.self, forKey: .validFrom)
        validUntil = try container.decodeIfPresent(Date.self, forKey: .validUntil)
        revokedAt = try container.decodeIfPresent(Date.self, forKey: .revokedAt)
        registeredAt = try container.decode(Date.self, forKey: .registeredAt)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(CertificateDocument(facts), forKey: .facts)
        try container.encodeIfPresent(validFrom, forKey: .validFrom)
        try container.encodeIfPresent(validUntil, forKey: .validUntil)
        try container.encodeIfPresent(revokedAt, forKey: .revokedAt)
        try container.encode(registeredAt, forKey: .registeredAt)
    }
}
