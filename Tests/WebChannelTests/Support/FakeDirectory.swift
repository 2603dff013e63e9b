import Exchange
import Synchronization

/// Senders of the web channel, in memory.
final class FakeDirectory: WebDirectory {
    private struct State {
        var certificates: [SenderNumber: [CertificateFacts]] = [:]
        var applications: [SenderNumber: [String]] = [:]
        var blocked: Set<SenderNumber> = []
        var lookUpsLeft = Int.max
        var fault: DirectoryFault?
    }

    private let state = Mutex(State())

    func register(_ certificate: CertificateFacts, of sender: SenderNumber) {
        state.withLock { $0.certificates[sender, default: []].append(certificate) }
    }

    func grant(_ applications: [String], to sender: SenderNumber) {
        state.withLock { $0.applications[sender] = applications.sorted() }
    }

    func revoke(_ fingerprint: Digest, of sender: SenderNumber) {
        state.withLock { $0.certificates[sender]?.removeAll { $0.fingerprint == fingerprint } }
    }

    /// After so many more look-ups by certificate, all certificates are revoked.
    func revokeAll(afterLookUps count: Int) {
        state.withLock { $0.lookUpsLeft = count }
    }

    func block(_ sender: SenderNumber) {
        state.withLock { _ = $0.blocked.insert(sender) }
    }

    /// Cannot be read from now on, or again.
    func fail(_ fault: DirectoryFault?) {
        state.withLock { $0.fault = fault }
    }

    func webCertificates(of sender: SenderNumber) throws(DirectoryFault) -> [CertificateFacts] {
        try state.withLock { state throws(DirectoryFault) in
            if let fault = state.fault { throw fault }
            return state.blocked.contains(sender) ? [] : state.certificates[sender] ?? []
        }
    }

    func webSender(holding fingerprint: Digest) throws(DirectoryFault) -> SenderNumber? {
        try state.withLock { state throws(DirectoryFault) in
            if let fault = state.fault { throw fault }
            if state.lookUpsLeft == 0 { state.certificates = [:] }
            state.lookUpsLeft -= 1
            return state.certificates.first { sender, certificates in
                !state.blocked.contains(sender) && certificates.contains { $0.fingerprint == fingerprint }
            }?.key
        }
    }

    func webApplications(of sender: SenderNumber) -> [String] {
        state.withLock { $0.blocked.contains(sender) ? [] : $0.applications[sender] ?? [] }
    }
}
