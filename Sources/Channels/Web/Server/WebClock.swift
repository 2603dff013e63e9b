internal import Foundation

/// Seconds since the machine started; does not jump when the date is set.
enum WebClock {
    static func now() -> TimeInterval { ProcessInfo.processInfo.systemUptime }
}
