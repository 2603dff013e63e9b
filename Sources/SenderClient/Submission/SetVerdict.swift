internal import Exchange

/// What became of a set, as far as its sender knows.
public enum SetVerdict: Sendable, Hashable {
    case accepted(ReceivedReceipt)
    case refused(ReceivedReceipt)
    /// To be tried again, or asked for again: unreachable, out of time, or cut off before an answer. What is known.
    case unknown(String)
    /// Trying again as it is will not help: why.
    case failed(String)

    /// The exit status of a command that sent this set alone (design section 7).
    public var status: Int32 {
        switch self {
        case .accepted: 0
        case .failed: 1
        case .refused: 4
        case .unknown: 75
        }
    }
}

/// One set and what became of it.
public struct SetOutcome: Sendable, Hashable {
    public let set: OutgoingSet
    public let verdict: SetVerdict

    public init(set: OutgoingSet, verdict: SetVerdict) {
        self.set = set
        self.verdict = verdict
    }

    /// The exit status for many: refused before failed before unknown; 0 when all were accepted.
    public static func status(of outcomes: [SetOutcome]) -> Int32 {
        let statuses = Set(outcomes.map(\.verdict.status))
        return [4, 1, 75].first(where: statuses.contains) ?? 0
    }
}
