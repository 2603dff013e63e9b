public import struct Foundation.Date

/// How many days before the end of a certificate its owner is warned.
public enum ExpiryWarning: Int, Sendable, Codable, CaseIterable {
    case sixtyDays = 60
    case thirtyDays = 30
    case sevenDays = 7

    public var days: Int { rawValue }

    /// The warning that is due at `time` for what ends at `end`; nil when the end is further away, or has come.
    public static func due(at time: Date, end: Date) -> ExpiryWarning? {
        let left = end.timeIntervalSince(time)
        guard left > 0 else { return nil }
        return allCases.last { left <= Double($0.days) * 86_400 }
    }
}
