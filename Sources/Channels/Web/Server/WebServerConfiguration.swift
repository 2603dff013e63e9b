public import Exchange

public import struct Foundation.TimeInterval

/// Where the web service listens, with what it proves itself, and what it puts up with.
public struct WebServerConfiguration: Sendable, Hashable {
    /// A numeric address or a name to listen on.
    public var host = "127.0.0.1"
    /// 0 takes any that is free.
    public var port = 0
    /// PEM: our certificate, then those that lead to its root.
    public var certificateChainFile: String
    /// PEM, unencrypted.
    public var privateKeyFile: String
    /// What senders reach the service by, without a slash at its end; issuer and audience of tokens and assertions.
    /// Nil takes `https://<host>:<port>` as listened on.
    public var publicURL: String?
    /// Bytes one file may have: the limit of the spool, which keeps it; here it is only told to senders.
    public var largestFile: UInt64 = 1 << 30
    /// Seconds a set that is brought file by file is kept when nothing happens to it: the retention of the spool,
    /// which does the discarding; here it is only told to senders.
    public var uploadRetention: TimeInterval = 7 * 86_400
    /// Threads that call the spool; at least 1.
    public var threads = 8
    /// What a peer may take.
    public var limits = WebLimits()
    /// How callers prove who they are.
    public var access = WebAccessPolicy()

    /// - Parameters:
    ///   - certificateChainFile: PEM, our certificate first.
    ///   - privateKeyFile: PEM, unencrypted.
    public init(certificateChainFile: String, privateKeyFile: String) {
        self.certificateChainFile = certificateChainFile
        self.privateKeyFile = privateKeyFile
    }
}

/// Bounds of what a peer may take. Times are seconds.
public struct WebLimits: Sendable, Hashable {
    /// Connections at once, in all. When there are as many, here or below, the oldest on which nobody has proven who
    /// he is makes room.
    public var connections = 1000
    /// Connections at once from one address (IPv6: one /64).
    public var connectionsPerAddress = 50
    /// Until a connection without a request, or with an answer that is not read, is closed.
    public var idleTime: TimeInterval = 60
    /// For the handshake, and for the head of each request from its first byte.
    public var headerTime: TimeInterval = 10
    /// Waited in all for the bytes of one body, apart from what `slowestBody` grants. Time in which we do not take
    /// bytes does not count.
    public var bodyGrace: TimeInterval = 30
    /// Bytes each second that a body must bring on average once its grace is spent.
    public var slowestBody = 1000
    /// After the end of service was asked for, until connections are cut.
    public var drainTime: TimeInterval = 20
    /// After an early answer, or one to what is no request, until the connection is cut, so that the peer can read it.
    var lingeringTime: TimeInterval = 1
    /// Bytes of all header fields of one request. With HTTP/2 at most 16 KiB, whatever is said here.
    public var headerBytes = 16 * 1024
    /// Header fields of one request.
    public var headerFields = 100
    /// Bytes of one request's body, once the caller is known.
    public var bodyBytes = 1 << 30
    /// Requests each second from one address, on average.
    public var requestsPerAddress = 50.0
    /// Requests each second of one sender, on average.
    public var requestsPerSender = 50.0
    /// Requests that may come at once before the average counts.
    public var burst = 200.0
    /// Requests of one sender that wait at once for a receipt or an answer; 0 or more. Others are answered at once.
    public var waitsPerSender = 32

    /// What suits one machine on the Internet.
    public init() {}

    /// Bytes of the body of a request whose caller is not known.
    static let strangersBodyBytes = 16 * 1024
    /// Bytes of a request target.
    static let targetBytes = 4096
}

/// How callers prove who they are. Times are seconds.
public struct WebAccessPolicy: Sendable, Hashable {
    /// That an access token is good for.
    public var tokenLife: TimeInterval = 600
    /// From `iat` to `exp` of an assertion, at most.
    public var assertionLife: TimeInterval = 300
    /// That a sender's clock may be off.
    public var clockSkew: TimeInterval = 30
    /// What failures cost. A caller whose proof stands is served all the same: proofs are looked at first, within the
    /// requests an address has.
    public var penalties = PenaltyPolicy()

    /// Tokens of ten minutes for assertions of five.
    public init() {}
}
