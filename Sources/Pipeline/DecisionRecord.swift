public import Exchange
public import Validation

public import struct Foundation.Date

/// Everything a decision stood on, so that it can be explained and recomputed. Stored with the set, as JSON.
public struct DecisionRecord: Sendable, Codable {
    public enum Verdict: String, Sendable, Codable {
        case accepted
        case refused
        case repeated
    }

    /// One phase of the decision, in order.
    public struct Check: Sendable, Codable {
        public enum Verdict: String, Sendable, Codable {
            case passed
            case refused
            /// An earlier phase refused, or the environment does not ask for it.
            case skipped
        }

        public let phase: String
        /// What was asked.
        public let rule: String
        /// What it was asked of, in words.
        public let inputs: [String: String]
        public let verdict: Verdict
        public let findings: [Finding]
    }

    public var ticket: Ticket
    /// The file the receipt names: the GO, or the FI or FS whose own name is at fault (domain 9.26).
    public var fileName: FileName
    public var sender: SenderNumber
    public var channel: ChannelKind
    public var mailbox: Mailbox
    public var receivedAt: Date
    public var decidedAt: Date
    public var verdict: Verdict
    public var checks: [Check]
    public var purpose: Purpose?
    public var environment: ExchangeEnvironment?
    public var application: String?
    public var enterprise: EnterpriseNumber?
    /// The first set of this name, when this one repeats it.
    public var repeats: Ticket?
    public var signatures: [VerifiedSignature]
    public var documents: [CheckedDocument]
    /// The numbers and switches in force.
    public var policy: DecisionPolicy

    public var findings: [Finding] { checks.flatMap(\.findings) }
}
