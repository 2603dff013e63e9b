public import Exchange

public import struct Foundation.Date

/// An accepted certificate authority.
public struct AuthorityRecord: Sendable, Hashable, Codable {
    public let facts: CertificateFacts
    public let addedAt: Date
    /// Where the revocation of what it issued is learnt.
    public let source: StatusSource

    init(facts: CertificateFacts, addedAt: Date, source: StatusSource) {
        self.facts = facts
        self.addedAt = addedAt
        self.source = source
    }

    private enum CodingKeys: CodingKey {
        case facts, addedAt, source
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        facts = try container.decode(CertificateDocument.self, forKey: .facts).facts
        addedAt = try container.decode(Date.self, forKey: .addedAt)
        source = try container.decode(StatusSource.self, forKey: .source)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(CertificateDocument(facts), forKey: .facts)
        try container.encode(addedAt, forKey: .addedAt)
        try container.encode(source, forKey: .source)
    }
}
