internal import Exchange
internal import Synchronization

/// The outcome of a call that answers through a completion, which may come before the call returns or later,
/// on another thread. Whoever comes second acts: the caller when the outcome is there already, otherwise the
/// completion. A completion called twice counts once.
final class SFTPSettlement: Sendable {
    typealias Outcome = Result<Void, HomeFault>

    private enum State {
        case calling
        case waiting
        case settled(Outcome)
        case delivered
    }

    private let state = Mutex(State.calling)

    /// For the completion: true when it must deliver `outcome` itself.
    func settle(_ outcome: Outcome) -> Bool {
        state.withLock { state in
            switch state {
            case .calling:
                state = .settled(outcome)
                return false
            case .waiting:
                state = .delivered
                return true
            case .settled, .delivered:
                return false
            }
        }
    }

    /// For the caller, once, after the call: the outcome when it is there; otherwise nil, and the completion
    /// delivers.
    func collect() -> Outcome? {
        state.withLock { state in
            guard case .settled(let outcome) = state else {
                state = .waiting
                return nil
            }
            state = .delivered
            return outcome
        }
    }
}
