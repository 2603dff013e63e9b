internal import Foundation
internal import NIOCore

/// How fast a body comes. Only time in which we asked for bytes and none came counts, so that nobody is blamed for
/// our own pauses.
struct BodyPace {
    private(set) var bytes = 0
    private var waited: TimeInterval = 0
    private var askedAt: NIODeadline?

    mutating func asked(at now: NIODeadline) {
        askedAt = askedAt ?? now
    }

    mutating func took(_ count: Int, at now: NIODeadline) {
        if let askedAt { waited += BodyPace.seconds(from: askedAt, to: now) }
        askedAt = nil
        bytes += count
    }

    /// Seconds the peer may still keep us waiting.
    ///
    /// - Parameters:
    ///   - grace: seconds that are free.
    ///   - slowest: bytes that earn one more.
    func secondsLeft(grace: TimeInterval, slowest: Int, at now: NIODeadline) -> TimeInterval {
        let waiting = askedAt.map { BodyPace.seconds(from: $0, to: now) } ?? 0
        return grace + Double(bytes) / Double(max(1, slowest)) - waited - waiting
    }

    private static func seconds(from start: NIODeadline, to end: NIODeadline) -> TimeInterval {
        Double((end - start).nanoseconds) / 1e9
    }
}
