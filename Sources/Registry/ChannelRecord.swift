public import Exchange

public import struct Foundation.Date

/// A channel of a sender with all it holds, revoked and outdated certificates and keys included.
public struct ChannelRecord: Sendable, Hashable, Codable {
    public let kind: ChannelKind
    public let registeredAt: Date
    /// When the present password was given, on a channel `ftp` that has one. The password itself is in no record.
    public let passwordSetAt: Date?
    /// Sorted by code.
    public let applications: [ApplicationRecord]
    public let certificates: [CertificateRecord]
    public let keys: [KeyRecord]
}

/// An application that a channel holds.
public struct ApplicationRecord: Sendable, Hashable, Codable {
    public let code: String
    /// Answers go this way; true on exactly one of the channels that hold the application.
    public let isPreferred: Bool
}
