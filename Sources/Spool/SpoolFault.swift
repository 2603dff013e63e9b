/// Why the spool or its ledger could not do what was asked.
///
/// Two faults are equal when their codes are; the sentence is for the operator and names cause and place.
public struct SpoolFault: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// Another process owns the spool.
        case inUse = "spool-in-use"
        /// There is no spool at that place.
        case missing = "spool-missing"
        /// A file operation failed.
        case disk = "disk-fault"
        /// The ledger could not be read or written.
        case ledger = "ledger-unavailable"
        /// The ledger has no such set.
        case unknownTicket = "unknown-ticket"
        /// The set is not in the state the operation needs.
        case wrongState = "wrong-state"
        /// Somebody decides or delivers the set just now.
        case inHand = "set-in-hand"
        /// Every ticket or answer number has been used.
        case exhausted = "numbers-exhausted"
        /// A decision that cannot be recorded as given.
        case unfitDecision = "unfit-decision"
        /// The spool is closing.
        case closed = "spool-closed"
    }

    public let code: Code
    /// One English sentence, cause included.
    public let sentence: String

    public init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    public var description: String { "\(code.rawValue): \(sentence)" }

    public static func == (left: SpoolFault, right: SpoolFault) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
