/// The six directories of a sender's virtual home, and nothing else (domain 2.1).
public enum Mailbox: String, Sendable, Hashable, Codable, CaseIterable {
    case incoming = "IN"
    case outgoing = "OUT"
    case incomingTest = "INTEST"
    case outgoingTest = "OUTTEST"
    case incomingSimulation = "INTEST-S"
    case outgoingSimulation = "OUTTEST-S"

    /// The environment whose files belong here.
    public var environment: ExchangeEnvironment {
        switch self {
        case .incoming, .outgoing: .real
        case .incomingTest, .outgoingTest: .test
        case .incomingSimulation, .outgoingSimulation: .simulation
        }
    }

    /// True for the directories a sender writes in.
    public var takesUploads: Bool {
        switch self {
        case .incoming, .incomingTest, .incomingSimulation: true
        case .outgoing, .outgoingTest, .outgoingSimulation: false
        }
    }

    /// The directory where sets put in this one are answered: IN → OUT, INTEST → OUTTEST, INTEST-S → OUTTEST-S.
    public var answers: Mailbox {
        switch self {
        case .incoming, .outgoing: .outgoing
        case .incomingTest, .outgoingTest: .outgoingTest
        case .incomingSimulation, .outgoingSimulation: .outgoingSimulation
        }
    }
}
