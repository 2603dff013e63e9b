internal import Foundation

/// How long to wait after faults that follow each other: 1 s, doubled each time up to 5 minutes, a fifth more or less so
/// that not all come back at once.
struct Backoff: Sendable {
    private(set) var failures = 0
    /// Monotonic seconds.
    private(set) var until: TimeInterval = 0

    func isOver(at now: TimeInterval) -> Bool { now >= until }

    mutating func extend(at now: TimeInterval) {
        let wait = min(300, Double(sign: .plus, exponent: min(failures, 9), significand: 1))
        failures += 1
        until = now + wait * Double.random(in: 0.8...1.2)
    }
}
