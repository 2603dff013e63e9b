public import Exchange

internal import struct Foundation.Date

/// What a sender may do at one time: the registry's part in a decision.
public struct SenderStanding: Sendable, Hashable {
    public let number: SenderNumber
    /// False when the sender is blocked; it is blocked or not now, whatever time was asked for.
    public let isActive: Bool
    public let enterprise: EnterpriseNumber
    public let nsso: NSSONumber?
    public let channels: [ChannelStanding]

    init(_ record: SenderRecord, at time: Date) {
        number = record.number
        isActive = !record.isBlocked
        enterprise = record.enterprise
        nsso = record.nsso
        channels = record.channels.map { ChannelStanding($0, at: time) }
    }
}

/// What a channel may carry at one time.
public struct ChannelStanding: Sendable, Hashable {
    public let kind: ChannelKind
    /// Codes, sorted.
    public let applications: [String]
    /// Those of `applications` whose answers go this way.
    public let preferred: Set<String>
    /// Registered for this channel, within the bounds of the registration and not revoked here. The
    /// certificate's own dates are not judged: one that has expired earns another code than one that is not
    /// registered.
    public let certificates: [CertificateFacts]

    init(_ record: ChannelRecord, at time: Date) {
        kind = record.kind
        applications = record.applications.map(\.code)
        preferred = Set(record.applications.lazy.filter(\.isPreferred).map(\.code))
        certificates = record.certificates.filter { $0.stands(at: time) }.map(\.facts)
    }
}
