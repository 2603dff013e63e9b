public import struct Foundation.Date
public import typealias Foundation.TimeInterval

/// What became of sets, for channels that tell their senders. Implemented by the pipeline; safe to call from any thread.
public protocol SetReports: Sendable {
    /// Nil when that sender has no such set.
    func report(on ticket: Ticket, of sender: SenderNumber) throws(HomeFault) -> SetReport?

    /// Calls `completion` once: when the receipt of the set can be read (at once when it can already), or after
    /// `seconds`. On a thread of ours that must not be blocked.
    func whenAnswered(
        _ ticket: Ticket, within seconds: TimeInterval, completion: @escaping @Sendable () -> Void)
}

/// Where one set stands, and why.
public struct SetReport: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Durable, waiting for its decision.
        case received
        /// Set aside for an operator.
        case held
        /// Accepted, its delivery to the back-end outstanding.
        case accepted
        /// Accepted, and delivered where there is something to deliver.
        case routed
        case refused
    }

    /// One phase of the decision.
    public struct Step: Sendable, Hashable {
        /// From 1.
        public let number: Int
        /// `name`, `set`, `right`, `signature`, `document`.
        public let phase: String
        /// What was asked, in English.
        public let rule: String
        /// `passed`, `refused` or `skipped`.
        public let verdict: String
        public let findings: [Finding]

        public init(number: Int, phase: String, rule: String, verdict: String, findings: [Finding]) {
            self.number = number
            self.phase = phase
            self.rule = rule
            self.verdict = verdict
            self.findings = findings
        }
    }

    public let set: SealedSet
    public let state: State
    /// Empty before the decision.
    public let steps: [Step]
    public let codes: [ReceptionCode]
    public let decidedAt: Date?
    /// The first set, when this one repeats it; the receipt is that one's.
    public let repeats: Ticket?
    /// The stem of the receipt's files, such as `ACRF.999999.20260102.00001.R`, once they can be read.
    public let receipt: String?

    public init(
        set: SealedSet, state: State, steps: [Step], codes: [ReceptionCode], decidedAt: Date?,
        repeats: Ticket?,
        receipt: String?
    ) {
        self.set = set
        self.state = state
        self.steps = steps
        self.codes = codes
        self.decidedAt = decidedAt
        self.repeats = repeats
        self.receipt = receipt
    }
}
