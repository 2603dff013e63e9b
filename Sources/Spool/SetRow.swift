public import Exchange

public import struct Foundation.Date

/// Where a set stands in the ledger.
public enum SetState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Durable, waiting for its decision.
    case received
    /// With an operator.
    case held
    /// Decided, delivery outstanding.
    case accepted
    /// Settled: delivered, or nothing to deliver.
    case routed
    /// Settled: refused.
    case refused
}

/// Where an answer stands.
public enum AnswerState: String, Sendable, Hashable, Codable, CaseIterable {
    /// In the ledger, its files not yet known to be durable.
    case issued
    /// Its files lie in the outgoing directory.
    case published
    /// Carried out by its channel.
    case taken
    /// Removed by the sender.
    case deleted
    /// Removed after its retention.
    case expired
}

/// Everything the ledger knows of one set.
public struct SetRow: Sendable, Hashable {
    public let sealed: SealedSet
    public let state: SetState
    /// How often the present step was postponed.
    public let attempt: Int
    /// When the present step may be tried.
    public let dueAt: Date
    /// Why it was postponed or held last.
    public let deferral: Deferral?
    public let codes: [ReceptionCode]
    public let decisionJSON: String?
    public let destination: String?
    /// The first set, when this one repeats it.
    public let repeatOf: Ticket?
    /// Nil before the decision and for repeats.
    public let answer: AnswerRow?
    public let decidedAt: Date?
    public let settledAt: Date?
    /// When the held bytes were removed.
    public let retiredAt: Date?
}

/// Everything the ledger knows of one answer.
public struct AnswerRow: Sendable, Hashable {
    /// The name without prefix: `ACRF.999999.20260102.00001.R`.
    public let stem: String
    public let state: AnswerState
    public let publishedAt: Date?
    public let document: [UInt8]
    public let signature: [UInt8]
    public let mailbox: Mailbox
    public let channel: ChannelKind
}

/// How many sets stand where.
public struct SetCounts: Sendable, Hashable {
    /// Every set ever taken in.
    public let received: Int
    /// Undecided or undelivered.
    public let waiting: Int
    public let held: Int
    public let routed: Int
    public let refused: Int

    public init(received: Int, waiting: Int, held: Int, routed: Int, refused: Int) {
        self.received = received
        self.waiting = waiting
        self.held = held
        self.routed = routed
        self.refused = refused
    }

    /// The conservation law: no set is lost and none stands in two places.
    public var isConserved: Bool { received == waiting + held + routed + refused }
}
