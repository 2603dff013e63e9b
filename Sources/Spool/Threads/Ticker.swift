internal import Exchange
internal import Foundation

/// Paces a thread that looks after something now and then: it waits an interval, or until it is nudged, or
/// stopped.
///
/// Sendable because its state is only touched while `condition` is held.
final class Ticker: @unchecked Sendable {
    private let condition = SteadyCondition()
    private var isNudged = false
    private var isStopped = false

    /// Waits at the most `interval` seconds, for ever when nil. False when it is time to end.
    func wait(_ interval: TimeInterval?) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let limit = interval.map { SteadyTime.now + $0 }
        while !isStopped, !isNudged {
            guard let limit else {
                condition.wait()
                continue
            }
            let rest = limit - SteadyTime.now
            if rest <= 0 || !condition.wait(atMost: rest) { break }
        }
        isNudged = false
        return !isStopped
    }

    func nudge() {
        condition.withLock {
            isNudged = true
            condition.broadcast()
        }
    }

    func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
        }
    }
}
