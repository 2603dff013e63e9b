internal import Exchange
internal import Foundation
internal import Synchronization

/// The assertions that were used and could be used again, were it not for this. Bounded by sender, so that none can
/// spend another's room.
final class SeenAssertions: Sendable {
    enum Outcome: Sendable {
        case new, seen
        /// So many are remembered of this sender that no other can be.
        case full
    }

    /// Assertions remembered of one sender at the most.
    static let most = 2000

    private let senders = Mutex<[SenderNumber: [Digest: Date]]>([:])

    /// Notes an assertion whose signature stands.
    ///
    /// - Parameter end: when it can no longer be used anyway.
    func note(_ name: String, of sender: SenderNumber, until end: Date, now: Date) -> Outcome {
        let digest = Digest(sha256Of: Array(name.utf8))
        return senders.withLock { senders in
            var seen = senders[sender] ?? [:]
            if let earlier = seen[digest], earlier > now { return .seen }
            if seen.count >= SeenAssertions.most { seen = seen.filter { $0.value > now } }
            guard seen.count < SeenAssertions.most else { return .full }
            seen[digest] = end
            senders[sender] = seen
            return .new
        }
    }
}
