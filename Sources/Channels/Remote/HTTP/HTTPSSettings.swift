/// How an HTTPS server is reached and whom we believe it to be. Its certificate and its name are always checked.
public struct HTTPSSettings: Sendable, Hashable {
    public var trust: CurlTrust
    /// Who we say we are in the handshake.
    public var identity: Identity?
    /// For the connection and its handshake.
    public var connecting: Duration
    /// How long nothing may move in either direction, the server's thinking included.
    public var patience: Duration
    /// Bytes of an answer that are collected.
    public var longestAnswer: Int

    /// A client certificate and its key, PEM files. The key may have a passphrase.
    public struct Identity: Sendable, Hashable {
        public var certificate: String
        public var key: String
        public var passphrase: Secret?

        public init(certificate: String, key: String, passphrase: Secret? = nil) {
            self.certificate = certificate
            self.key = key
            self.passphrase = passphrase
        }
    }

    public init(
        trust: CurlTrust = CurlTrust(), identity: Identity? = nil,
        connecting: Duration = .seconds(15), patience: Duration = .seconds(60), longestAnswer: Int = 1_048_576
    ) {
        self.trust = trust
        self.identity = identity
        self.connecting = connecting
        self.patience = patience
        self.longestAnswer = longestAnswer
    }
}
