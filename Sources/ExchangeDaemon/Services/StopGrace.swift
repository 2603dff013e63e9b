internal import Synchronization

/// The time that a delivery or a judgement under way has after the daemon was told to stop: then it is broken off, and begun
/// again at the next start.
final class StopGrace: Sendable {
    private static let length = Duration.seconds(5)
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    /// Repeating it changes nothing.
    func begin() {
        end.withLock { $0 = $0 ?? .now + StopGrace.length }
    }

    var isOver: Bool {
        end.withLock { $0.map { $0 <= .now } ?? false }
    }
}
