public import Foundation

/// When statuses are fetched again.
public struct RefreshPolicy: Sendable {
    /// Seconds between two looks at what is due.
    public var interval: TimeInterval = 1
    /// The pauses of a source that fails.
    public var pauses = RetryPauses()
    /// Seconds a certificate rests that its responder does not know.
    public var rest: TimeInterval = 60
    /// Seconds that lie between two fetches of one status, however short it is valid.
    public var shortest: TimeInterval = 5

    public init() {}

    /// About half way between now and its end, so that a source may be down for long before anybody waits, and not all
    /// that was fetched together is fetched together again.
    func next(from now: Date, usableUntil end: Date) -> Date {
        now + max(shortest, end.timeIntervalSince(now) * Double.random(in: 0.4...0.6))
    }
}

/// The two clocks that refreshing goes by.
struct RefreshClock: Sendable {
    /// What authorities, too, go by.
    var time: @Sendable () -> Date
    /// Monotonic seconds, for pauses.
    var seconds: @Sendable () -> TimeInterval

    static let system = RefreshClock(
        time: { Date() }, seconds: { TimeInterval(DispatchTime.now().uptimeNanoseconds) / 1e9 })
}
