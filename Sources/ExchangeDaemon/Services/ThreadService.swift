internal import Foundation
internal import ServiceLifecycle

/// Runs blocking work on threads of its own, away from the cooperative pool, until it is told to stop.
struct ThreadService: Service {
    /// What to run, and on how many threads. Each blocks until stopped.
    let loops: [(count: Int, run: @Sendable () -> Void)]
    /// Makes every loop return after the work in hand.
    let stop: @Sendable () -> Void

    init(_ loops: [(count: Int, run: @Sendable () -> Void)], stop: @escaping @Sendable () -> Void) {
        self.loops = loops
        self.stop = stop
    }

    func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { threads in
                for loop in loops {
                    for _ in 0..<loop.count {
                        threads.addTask { await onThread(loop.run) }
                    }
                }
            }
        } onGracefulShutdown: {
            stop()
        }
    }

    private func onThread(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                work()
                continuation.resume()
            }
            thread.stackSize = 4 * 1024 * 1024
            thread.start()
        }
    }
}

/// Something started before the group and ended with it.
struct StoppingService: Service {
    /// Blocks until it has stopped.
    let stop: @Sendable () -> Void

    init(stop: @escaping @Sendable () -> Void) {
        self.stop = stop
    }

    func run() async throws {
        try? await gracefulShutdown()
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                stop()
                continuation.resume()
            }
        }
    }
}
