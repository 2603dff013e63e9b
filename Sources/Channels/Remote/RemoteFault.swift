/// Why something was not done at a file server.
public struct RemoteFault: Error, Sendable, CustomStringConvertible {
    /// What those who meet a fault tell apart: whether the connection is gone, and whether trying again may help.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// No connection came about.
        case unreachable
        case timedOut
        /// Its certificate or host key is not one we trust.
        case untrusted
        /// The log-in was refused.
        case notAdmitted
        case noSuchFile
        case alreadyExists
        /// The server refused; trying again as it is will not help.
        case notAllowed
        /// The server has no room, or more than the settings allow was sent or listed.
        case tooMuch
        /// The connection ended in the middle.
        case brokenOff
        /// An answer that is none.
        case garbled
        /// Our own side ended it: what the closure threw.
        case stopped
    }

    public let kind: Kind
    /// One English sentence for the operator; the server's words in it are printable and cut short. Never a secret.
    public let sentence: String
    /// What our own closure threw, for `.stopped`.
    public let cause: (any Error)?

    public init(_ kind: Kind, _ sentence: String, cause: (any Error)? = nil) {
        self.kind = kind
        self.sentence = sentence
        self.cause = cause
    }

    public var description: String { sentence }

    /// True when the connection can only be closed.
    public var breaksConnection: Bool {
        switch kind {
        case .unreachable, .timedOut, .untrusted, .notAdmitted, .brokenOff, .garbled, .stopped: true
        case .noSuchFile, .alreadyExists, .notAllowed, .tooMuch: false
        }
    }
}
