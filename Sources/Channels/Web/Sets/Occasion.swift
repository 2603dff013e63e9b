internal import Synchronization

/// Something that comes once, and a task that waits for it. It may come before the task waits, and more than once
/// does no harm.
final class Occasion: Sendable {
    private enum State {
        case awaited
        case waiting(CheckedContinuation<Void, Never>)
        case over
    }

    private let state = Mutex(State.awaited)

    var isOver: Bool {
        state.withLock { state in
            guard case .over = state else { return false }
            return true
        }
    }

    func come() {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .over }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        waiting?.resume()
    }

    /// Returns when it has come, or when the task is cancelled. To be called by one task, once.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if case .over = state { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            come()
        }
    }
}
