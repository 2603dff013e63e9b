/// Someone else's SFTP server: version 3 of the protocol over SSH, with its host keys pinned.
///
/// No configuration file of SSH is read, neither the user's nor the machine's; what is not in the settings does not
/// count. Algorithms are those of our own server, with ECDSA host keys and certificates of users besides.
public struct SFTPFileServer: RemoteServer {
    /// Fixed for the life of a server; defaults are safe.
    public struct Settings: Sendable {
        /// A name or numeric address.
        public var host: String
        public var port = 22
        public var hostKeys: SFTPHostKeys
        /// From the first packet to the end of the key exchange. Resolving the name comes before, in the system's time.
        public var connectTimeout: Duration = .seconds(15)
        /// How long no byte may move either way while something is waited for, and less than 64 bytes a second may come
        /// of a file that is read, or of a listing.
        public var stallTimeout: Duration = .seconds(30)
        /// Entries of one directory that are taken.
        public var entriesAtMost = 100_000
        /// Whether the server is asked to sync each file written, where it offers to. Not needed where the server
        /// vouches for a file by confirming it, as ours does.
        public var syncsFiles = true
        /// The socket of the agent; nil for the one of `SSH_AUTH_SOCK`.
        public var agentSocket: String?

        public init(host: String, hostKeys: SFTPHostKeys) {
            self.host = host
            self.hostKeys = hostKeys
        }
    }

    private let settings: Settings

    public init(_ settings: Settings) {
        self.settings = settings
    }

    public var address: String { Self.address(of: settings.host, settings.port) }

    /// An `SFTPFiles`. Keys are read from their files for every connection.
    public func connect(
        as logIn: RemoteLogIn, until isAbandoned: @escaping @Sendable () -> Bool
    ) throws(RemoteFault) -> any RemoteFiles {
        let pins = try HostKeyPins(settings.hostKeys, host: settings.host, port: settings.port)
        let proof = try SSHProof(logIn.proof)
        let connection = try SSHConnection.open(
            settings, user: logIn.user, hostKeyAlgorithms: pins.algorithms, until: isAbandoned)
        try connection.checkHostKey(against: pins, of: address)
        try connection.logIn(with: proof, as: logIn.user, at: address)
        let subsystem = try SSHSubsystem(of: connection, address: address)
        return try SFTPFiles(
            over: subsystem, entriesAtMost: settings.entriesAtMost, syncs: settings.syncsFiles,
            patience: settings.stallTimeout)
    }
}

/// Which keys a server may show. Any other ends the connection before anything is said about us; none is ever
/// learnt from the server itself.
public enum SFTPHostKeys: Sendable, Hashable {
    /// A file as `ssh-keyscan` writes it; only the keys of the server's host and port count. Host certificates
    /// (`@cert-authority`) and lines with a negated pattern (`!`) are passed over, `@revoked` is heeded.
    case knownHosts(path: String)
    /// As `ssh-keygen -l` shows them: `SHA256:` and 43 characters. A server with keys of several kinds is asked for
    /// Ed25519 first, then ECDSA, then RSA: the one it shows must be among these.
    case fingerprints([String])
}
