internal import Foundation

/// Seconds since some moment before the process began, whatever becomes of the wall clock.
enum SteadyTime {
    static var now: TimeInterval { ProcessInfo.processInfo.systemUptime }

    /// A clock that shows the date of this moment now and runs evenly from it.
    static func clock(from date: Date) -> @Sendable () -> Date {
        let begin = now
        return { date + (now - begin) }
    }
}
