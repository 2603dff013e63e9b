import Foundation

/// A thread of its own for blocking work, which the cooperative pool must not do.
final class TestThread: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        let ended = ended
        Thread.detachNewThread {
            body()
            ended.signal()
        }
    }

    func join() {
        ended.wait()
    }
}
