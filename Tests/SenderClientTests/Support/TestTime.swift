import Synchronization

@testable import SenderClient

/// A clock that moves only when somebody waits on it, and tells who waits.
final class TestTime: Sendable {
    private let seconds = Mutex(0.0)
    private let paused: @Sendable () -> Void

    /// - Parameter paused: called at every pause, on the thread that waits.
    init(paused: @escaping @Sendable () -> Void = {}) {
        self.paused = paused
    }

    var now: Double { seconds.withLock { $0 } }

    var timing: Timing {
        Timing(
            now: { self.now },
            pause: { pause in
                self.seconds.withLock { $0 += pause }
                self.paused()
            })
    }
}
