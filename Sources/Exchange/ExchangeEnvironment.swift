/// One of the three circuits a set may be sent in (domain 2.1). `R` is real, `T` tries the whole circuit,
/// `S` (simulation) tries the content only.
public enum ExchangeEnvironment: String, Sendable, Hashable, Codable, CaseIterable {
    case real = "R"
    case test = "T"
    case simulation = "S"

    /// The directory sets of this environment are put in.
    public var mailbox: Mailbox {
        switch self {
        case .real: .incoming
        case .test: .incomingTest
        case .simulation: .incomingSimulation
        }
    }
}
