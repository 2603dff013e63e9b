internal import Exchange
internal import Foundation
internal import Synchronization

/// Who failed to prove themselves how often, for callers on many threads.
final class PenaltyLedger: Sendable {
    private let exempt: Set<PeerNetwork>
    private let book: Mutex<PenaltyBook>

    init(policy: PenaltyPolicy) {
        exempt = Set(policy.exempt.map { PeerNetwork($0) })
        book = Mutex(PenaltyBook(policy: policy))
    }

    /// Seconds for which `network` is still shut out; 0 when it is not.
    func penalty(of network: PeerNetwork, at now: TimeInterval) -> TimeInterval {
        book.withLock { $0.penalty(of: network.description, at: now) }
    }

    /// Counts a failure.
    ///
    /// - Parameter user: the sender that was claimed, when one was.
    func noteFailure(from network: PeerNetwork, as user: String? = nil, at now: TimeInterval) {
        guard !exempt.contains(network) else { return }
        let users = user.map { Set([$0]) } ?? []
        _ = book.withLock { $0.noteFailure(from: network.description, as: users, at: now) }
    }
}
