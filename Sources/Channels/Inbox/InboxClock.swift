internal import Foundation

/// What time it is, replaced in tests.
struct InboxClock: Sendable {
    /// Monotonic: does not jump when the date is set.
    var seconds: @Sendable () -> TimeInterval = { ProcessInfo.processInfo.systemUptime }
}
