internal import Exchange
internal import NIOPosix

/// The threads on which the resources call the spool, whose calls may wait for the disk: never an event loop, never
/// the threads Swift's tasks share. They end when the last user of this value is gone.
///
/// Whoever calls waits for the outcome even when its task is cancelled, so that what was begun can be put right.
final class WebThreads: Sendable {
    /// The threads are ending.
    struct Stopped: Error {}

    private let pool: NIOThreadPool

    /// - Precondition: `count` is at least 1.
    init(count: Int) {
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    deinit {
        pool.shutdownGracefully { _ in }
    }

    /// What `body` returns, from one of the threads.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.submit { state in
                switch state {
                case .active: continuation.resume(with: Result { try body() })
                case .cancelled: continuation.resume(throwing: Stopped())
                }
            }
        }
    }

    /// Begins on one of the threads what is answered by a completion, and waits for it.
    func settled(
        _ begin: @escaping @Sendable (@escaping @Sendable (Result<Void, HomeFault>) -> Void) -> Void
    ) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            pool.submit { state in
                switch state {
                case .active: begin { continuation.resume(with: $0.mapError { $0 }) }
                case .cancelled: continuation.resume(throwing: Stopped())
                }
            }
        }
    }
}
