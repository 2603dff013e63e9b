internal import GRDB

/// Why the registry did not do what it was asked. Two faults are equal when their codes are.
public struct RegistryFault: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// No such sender, or no registry at that path.
        case notFound
        /// That certificate, key or authority is registered already, or the file is there already.
        case alreadyExists
        /// The number belongs to a sender, or belonged to one: numbers are never given twice.
        case numberTaken
        /// Another sender has that technical user.
        case userTaken
        /// The sender has no channel of that kind.
        case channelMissing
        /// The sender has a channel of that kind already.
        case channelExists
        /// The channel does not hold that application.
        case applicationMissing
        /// A certificate is never bound to two senders.
        case certificateOfAnotherSender
        /// The certificate or key was revoked and is not taken back.
        case revoked
        /// No certificate, key, authority or list with that fingerprint there.
        case unknownFingerprint
        /// The certificate is not one of an authority.
        case notAnAuthority
        /// A newer list of that issuer, or status of that certificate, is stored.
        case olderList
        /// A value breaks a rule of the schema.
        case invalid
        /// Another command held the registry for too long; try again.
        case inUse
        /// The file was written by a newer version of the program.
        case newerSchema
        /// The file cannot be read or written; the cause, in words.
        case unavailable(String)
    }

    public let code: Code
    /// One English sentence for the operator.
    public let sentence: String

    init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    /// Translates what the database threw. Bound values stay out of the sentence.
    init(_ error: any Error) {
        switch error {
        case let fault as RegistryFault:
            self = fault
        case let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT:
            self.init(.invalid, "The registry refuses the value: \(error.message ?? "a rule of the schema").")
        case let error as DatabaseError
        where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED:
            self.init(.inUse, "Another command has been writing to the registry for too long.")
        case is RowDecodingError:
            self = .unavailable("a stored value is damaged")
        case let error as DatabaseError:
            self = .unavailable(error.message ?? "SQLite error \(error.extendedResultCode.rawValue)")
        default:
            self = .unavailable(String(describing: error))
        }
    }

    static func unavailable(_ cause: String) -> RegistryFault {
        RegistryFault(.unavailable(cause), "The registry is not available: \(cause).")
    }

    public var description: String { sentence }

    public static func == (left: RegistryFault, right: RegistryFault) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
