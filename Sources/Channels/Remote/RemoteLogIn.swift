/// Who logs in at a server, and with what. Its description never shows a secret.
public struct RemoteLogIn: Sendable, Hashable, CustomStringConvertible {
    /// What shows that it is the user.
    public enum Proof: Sendable, Hashable {
        case password(Secret)
        /// A private key file in any form OpenSSH writes, with its passphrase when it has one. A file
        /// `<path>-cert.pub` beside it is offered first.
        case keyFile(path: String, passphrase: Secret?)
        /// Whatever the agent at `SSH_AUTH_SOCK` holds.
        case agent
    }

    public let user: String
    public let proof: Proof

    public init(user: String, proof: Proof) {
        self.user = user
        self.proof = proof
    }

    public var description: String { user }
}

/// Text that must not reach a log, a command line or a `description`.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The one way to the text.
    public let revealed: String

    public init(_ text: String) {
        revealed = text
    }

    public var description: String { "(secret)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
