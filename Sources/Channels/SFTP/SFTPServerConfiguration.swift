public import Exchange

public import struct Foundation.TimeInterval

/// How the SFTP server listens and what it allows. Times are in seconds.
public struct SFTPServerConfiguration: Sendable {
    /// A name or numeric address to listen on.
    public var host = "127.0.0.1"
    /// 0 takes any free port.
    public var port = 8022
    /// Private keys in PEM or OpenSSH form, without passphrase: one Ed25519, one RSA, or both.
    public var hostKeyFiles: [String] = []
    /// Threads that carry sessions.
    public var workers = 2
    /// Connections at one time, logged in or not.
    public var sessions = 1000
    /// Connections at one time from one address (one /64 with IPv6).
    public var sessionsPerAddress = 100
    /// Sessions at one time of one sender, over all its addresses.
    public var sessionsPerSender = 50
    /// Open files and directories in one session.
    public var handlesPerSession = 64
    /// Open files at one time of one sender, over all its sessions.
    public var handlesPerSender = 256
    /// How long a connection may take to log in.
    public var authenticationTime: TimeInterval = 30
    /// How long a session may stay without a byte in either direction and without an answer being waited for.
    public var idleTime: TimeInterval = 600
    /// What failed log-ins cost the address they come from. One is a connection that offered a key or a password, and
    /// ended without being let in; it counts at its fourth refusal already, and no longer when it is let in after all.
    /// A connection that began a key exchange and never tried to log in counts an eighth; one that sent nothing does
    /// not count.
    public var penalty = PenaltyPolicy()

    public init() {}
}
