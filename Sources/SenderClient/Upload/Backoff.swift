/// Growing pauses between attempts: half a second, doubled up to half a minute, each shortened at random by up to half,
/// so that many senders cut off at once do not come back at once.
struct Backoff {
    private static let first = 0.5
    private static let longest = 30.0
    private var attempt = 0

    /// Seconds until the next attempt.
    ///
    /// - Parameter chance: 0 to 1.
    mutating func next(chance: Double = Double.random(in: 0...1)) -> Double {
        var pause = Backoff.first
        for _ in 0..<min(attempt, 10) { pause *= 2 }
        attempt += 1
        return min(pause, Backoff.longest) * (1 - chance / 2)
    }

    mutating func reset() {
        attempt = 0
    }
}

/// The clock of a submission, and the way to wait on it; tests have their own.
struct Timing: Sendable {
    /// Seconds that only grow, whatever happens to the time of day.
    let now: @Sendable () -> Double
    /// Blocks the thread for so many seconds.
    let pause: @Sendable (Double) -> Void
}
