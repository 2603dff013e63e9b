public import Exchange

/// What was decided of a set, as it is written into the ledger in one transaction with its receipt.
public struct RecordedDecision: Sendable {
    public enum Outcome: Sendable, Hashable {
        case refused
        /// With nil there is nothing to deliver and the set is routed at once.
        case accepted(destination: String?)
        /// The same set came before: nothing is delivered, and the receipt of that one is published again.
        case repeated(of: Ticket)
    }

    public let outcome: Outcome
    public let codes: [ReceptionCode]
    /// The inputs and checks, opaque to the spool.
    public let decisionJSON: String
    /// Nil for a repeat, and only then.
    public let receipt: Receipt?

    public init(outcome: Outcome, codes: [ReceptionCode], decisionJSON: String, receipt: Receipt?) {
        self.outcome = outcome
        self.codes = codes
        self.decisionJSON = decisionJSON
        self.receipt = receipt
    }
}

extension RecordedDecision {
    /// The signed answer to a set, to be published under a name of the spool's choosing (domain 1.5).
    public struct Receipt: Sendable, Hashable {
        /// The second element of its name: `ACRF`.
        public let purpose: String
        /// The bytes of the FO.
        public let document: [UInt8]
        /// The bytes of the FS.
        public let signature: [UInt8]
        /// The outgoing directory it appears in.
        public let mailbox: Mailbox
        /// The channel the set came over.
        public let channel: ChannelKind

        public init(
            purpose: String, document: [UInt8], signature: [UInt8], mailbox: Mailbox, channel: ChannelKind
        ) {
            self.purpose = purpose
            self.document = document
            self.signature = signature
            self.mailbox = mailbox
            self.channel = channel
        }
    }
}
