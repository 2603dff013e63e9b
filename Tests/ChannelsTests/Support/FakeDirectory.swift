import Exchange
import Synchronization

/// Senders and their keys, in memory.
final class FakeDirectory: SenderDirectory {
    private struct State {
        var admissions: [Admission] = []
        var blocked: Set<SenderNumber> = []
        var fault: DirectoryFault?
    }

    private let state = Mutex(State())

    func add(_ user: TechnicalUser, of sender: SenderNumber, key: SSHPublicKey) {
        state.withLock {
            $0.admissions.append(Admission(sender: sender, user: user, channel: .sftp, key: key))
        }
    }

    func block(_ sender: SenderNumber) {
        state.withLock { _ = $0.blocked.insert(sender) }
    }

    /// Cannot be read from now on, or again.
    func fail(_ fault: DirectoryFault?) {
        state.withLock { $0.fault = fault }
    }

    func admit(user: String, key: SSHPublicKey) throws(DirectoryFault) -> Admission? {
        try state.withLock { state throws(DirectoryFault) in
            if let fault = state.fault { throw fault }
            return state.admissions.first {
                $0.user.description == user && $0.key == key && !state.blocked.contains($0.sender)
            }
        }
    }

    func stillStands(_ admission: Admission) throws(DirectoryFault) -> Bool {
        try state.withLock { state throws(DirectoryFault) in
            if let fault = state.fault { throw fault }
            return state.admissions.contains(admission) && !state.blocked.contains(admission.sender)
        }
    }

    func activeSenders(on channel: ChannelKind) -> [SenderNumber] {
        state.withLock { state in state.admissions.map(\.sender).filter { !state.blocked.contains($0) } }
    }
}
