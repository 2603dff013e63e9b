internal import Exchange
internal import Foundation

/// Which sources may be asked now: none that is being asked, none that failed and rests. Pure: time is handed in.
struct SourcePauses {
    private struct Pause {
        var failures: Int
        var until: TimeInterval
    }

    private let pauses: RetryPauses
    private var failing: [Digest: Pause] = [:]
    private var inHand: Set<Digest> = []

    init(_ pauses: RetryPauses) {
        self.pauses = pauses
    }

    /// One of `authorities` at random, so that one with much to fetch does not keep others waiting; it is in hand then.
    mutating func take(of authorities: [Digest], at now: TimeInterval) -> Digest? {
        let free = authorities.filter { !inHand.contains($0) && failing[$0].map { $0.until <= now } ?? true }
        guard let taken = free.randomElement() else { return nil }
        inHand.insert(taken)
        return taken
    }

    /// True when it had failed before.
    mutating func succeeded(_ authority: Digest) -> Bool {
        inHand.remove(authority)
        return failing.removeValue(forKey: authority) != nil
    }

    /// True when it is the first failure.
    mutating func failed(_ authority: Digest, at now: TimeInterval) -> Bool {
        inHand.remove(authority)
        let failures = failing[authority]?.failures ?? 0
        failing[authority] = Pause(failures: failures + 1, until: now + pauses.pause(after: failures))
        return failures == 0
    }
}
