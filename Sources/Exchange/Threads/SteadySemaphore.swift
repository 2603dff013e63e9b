internal import Glibc

public import struct Foundation.TimeInterval

/// Signals that are counted; who waits takes one. As `DispatchSemaphore`, whose limits of time are moments of the wall clock
/// on Linux: a clock set back an hour while somebody waits a second would have that take an hour.
///
/// `@unchecked Sendable`: `condition` guards `signals`.
public final class SteadySemaphore: @unchecked Sendable {
    private let condition = SteadyCondition()
    private var signals = 0

    /// Without a signal.
    public init() {}

    /// Lets one who waits go on, or the next who does.
    public func signal() {
        condition.withLock { signals += 1 }
        condition.signal()
    }

    /// Waits for a signal, for so many seconds at the most. False when they have passed without.
    public func wait(atMost seconds: TimeInterval) -> Bool {
        condition.withLock {
            let end = SteadySemaphore.now + seconds
            while signals == 0 {
                guard case let rest = end - SteadySemaphore.now, rest > 0 else { return false }
                _ = condition.wait(atMost: rest)
            }
            signals -= 1
            return true
        }
    }

    private static var now: TimeInterval {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
