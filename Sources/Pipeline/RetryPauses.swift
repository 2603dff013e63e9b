public import Foundation

/// How long a postponed set rests before it is tried again: 1, 2, 4 … seconds up to the longest pause, each with up to
/// a quarter of jitter, so that sets postponed together do not come back together.
public struct RetryPauses: Sendable, Hashable {
    /// Seconds, without the jitter.
    public let longest: TimeInterval

    /// - Parameter longest: in seconds, at least one.
    public init(longest: TimeInterval = 300) {
        self.longest = max(1, longest)
    }

    /// Seconds before the next attempt.
    /// - Parameter attempt: how often the set was postponed before; less than nothing counts as nothing.
    func pause(after attempt: Int) -> TimeInterval {
        min(longest, Double(1 << min(max(attempt, 0), 20))) * Double.random(in: 1...1.25)
    }
}
