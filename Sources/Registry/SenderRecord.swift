public import Exchange

public import struct Foundation.Date

/// A registered sender with all its channels.
public struct SenderRecord: Sendable, Hashable, Codable {
    public let number: SenderNumber
    public let user: TechnicalUser
    /// The company's name.
    public let name: String
    public let enterprise: EnterpriseNumber
    public let nsso: NSSONumber?
    public let contact: ContactPerson?
    /// A blocked sender keeps all it has and may do nothing.
    public let isBlocked: Bool
    public let registeredAt: Date
    /// In the order of registration.
    public let channels: [ChannelRecord]

    init(
        number: SenderNumber, user: TechnicalUser, name: String, enterprise: EnterpriseNumber,
        nsso: NSSONumber?, contact: ContactPerson?, isBlocked: Bool, registeredAt: Date,
        channels: [ChannelRecord]
    ) {
        self.number = number
        self.user = user
        self.name = name
        self.enterprise = enterprise
        self.nsso = nsso
        self.contact = contact
        self.isBlocked = isBlocked
        self.registeredAt = registeredAt
        self.channels = channels
    }

    private enum CodingKeys: CodingKey {
        case number, user, name, enterprise, nsso, contact, isBlocked, registeredAt, channels
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func checked<Value>(_ key: CodingKeys, _ make: (String) -> Value?) throws -> Value {
            guard let value = make(try container.decode(String.self, forKey: key)) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "not a valid \(key.stringValue)")
            }
            return value
        }
        number = try container.decode(SenderNumber.self, forKey: .number)
        user = try checked(.user) { TechnicalUser($0) }
        name = try container.decode(String.self, forKey: .name)
        enterprise = try checked(.enterprise, EnterpriseNumber.init)
        nsso = container.contains(.nsso) ? try checked(.nsso, NSSONumber.init) : nil
        contact = try container.decodeIfPresent(ContactPerson.self, forKey: .contact)
        isBlocked = try container.decode(Bool.self, forKey: .isBlocked)
        registeredAt = try container.decode(Date.self, forKey: .registeredAt)
        channels = try container.decode([ChannelRecord].self, forKey: .channels)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(number, forKey: .number)
        try container.encode(user.description, forKey: .user)
        try container.encode(name, forKey: .name)
        try container.encode(enterprise.description, forKey: .enterprise)
        try container.encodeIfPresent(nsso?.description, forKey: .nsso)
        try container.encodeIfPresent(contact, forKey: .contact)
        try container.encode(isBlocked, forKey: .isBlocked)
        try container.encode(registeredAt, forKey: .registeredAt)
        try container.encode(channels, forKey: .channels)
    }
}
