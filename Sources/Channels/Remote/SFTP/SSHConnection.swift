internal import CLibSSH
internal import Foundation

/// One SSH connection as a client. Confined to one thread. libssh never waits: it is asked again whenever the socket
/// is ready, so that all waiting, and every time-out, is here.
final class SSHConnection {
    let session: ssh_session
    /// Bytes on the socket, either way.
    private let counter: UnsafeMutablePointer<ssh_counter_struct>
    private let stallTimeout: Duration
    private let isAbandoned: () -> Bool
    private var seenBytes: UInt64 = 0
    private var lastMove = ContinuousClock.now

    private init(
        owning session: ssh_session, stallTimeout: Duration, until isAbandoned: @escaping () -> Bool
    ) {
        self.session = session
        self.stallTimeout = stallTimeout
        self.isAbandoned = isAbandoned
        counter = .allocate(capacity: 1)
        counter.initialize(to: ssh_counter_struct())
        ssh_set_counters(session, counter, nil)
        ssh_set_blocking(session, 0)
    }

    /// Closes the socket too. (`ssh_disconnect` would leave it open, as it was given.)
    deinit {
        ssh_free(session)
        counter.deallocate()
    }

    /// Connects and exchanges keys; whose key it is remains to be checked.
    static func open(
        _ settings: SFTPFileServer.Settings, user: String, hostKeyAlgorithms: String,
        until isAbandoned: @escaping () -> Bool
    ) throws(RemoteFault) -> SSHConnection {
        guard let session = ssh_new() else { throw RemoteFault(.unreachable, "libssh: out of memory") }
        let connection = SSHConnection(
            owning: session, stallTimeout: settings.stallTimeout, until: isAbandoned)
        try connection.configure(settings, user: user, hostKeyAlgorithms: hostKeyAlgorithms)
        let deadline = ContinuousClock.now + settings.connectTimeout
        var descriptor = try SSHDial.connect(
            host: settings.host, port: settings.port, before: deadline, until: isAbandoned)
        guard ssh_options_set(session, SSH_OPTIONS_FD, &descriptor) == SSH_OK else {
            close(descriptor)
            throw connection.fault(.unreachable, "libssh")
        }
        let name = "\(settings.host) port \(settings.port)"
        let rc = try connection.complete(before: deadline, "the key exchange with \(name)") {
            ssh_connect(session)
        }
        guard rc == SSH_OK else { throw connection.fault(.unreachable, name) }
        // libssh has made the socket a blocking one; a peer that takes nothing would hold us for ever.
        guard fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
            throw RemoteFault(.unreachable, systemReason())
        }
        return connection
    }

    private func configure(
        _ settings: SFTPFileServer.Settings, user: String, hostKeyAlgorithms: String
    ) throws(RemoteFault) {
        var readsFiles = false
        var shortest = SSHAlgorithms.shortestRSA
        guard ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &readsFiles) == SSH_OK,
            ssh_options_set(session, SSH_OPTIONS_RSA_MIN_SIZE, &shortest) == SSH_OK
        else { throw fault(.unreachable, "libssh") }
        // The library wants a host, a directory and files of known hosts; the keys are checked here instead.
        try set(SSH_OPTIONS_HOST, "server")
        try set(SSH_OPTIONS_SSH_DIR, "/dev/null")
        try set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null")
        try set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null")
        try set(SSH_OPTIONS_USER, user)
        try set(SSH_OPTIONS_KEY_EXCHANGE, SSHAlgorithms.keyExchange)
        try set(SSH_OPTIONS_HOSTKEYS, hostKeyAlgorithms)
        try set(SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, SSHClientAlgorithms.userKey)
        try set(SSH_OPTIONS_CIPHERS_C_S, SSHAlgorithms.cipher)
        try set(SSH_OPTIONS_CIPHERS_S_C, SSHAlgorithms.cipher)
        try set(SSH_OPTIONS_HMAC_C_S, SSHAlgorithms.authentication)
        try set(SSH_OPTIONS_HMAC_S_C, SSHAlgorithms.authentication)
        try set(SSH_OPTIONS_COMPRESSION, "no")
        if let socket = settings.agentSocket { try set(SSH_OPTIONS_IDENTITY_AGENT, socket) }
    }

    private func set(_ option: ssh_options_e, _ value: String) throws(RemoteFault) {
        guard ssh_options_set(session, option, value) == SSH_OK else { throw fault(.unreachable, "libssh") }
    }

    /// What the library says, which may be the peer's words.
    func fault(_ kind: RemoteFault.Kind, _ place: String) -> RemoteFault {
        let words = ssh_get_error(UnsafeMutableRawPointer(session)).map { String(cString: $0) } ?? ""
        return RemoteFault(kind, "\(place): \(peerWords(words.utf8))")
    }

    var receivedBytes: UInt64 { counter.pointee.in_bytes }

    var isBroken: Bool { ssh_get_status(session) & (SSH_CLOSED | SSH_CLOSED_ERROR) != 0 }
}

// Waiting.
extension SSHConnection {
    /// Makes a call of the library until it no longer answers `pending`. `deed` is for the time-out.
    func complete(
        pending: Int32 = SSH_AGAIN, before deadline: ContinuousClock.Instant? = nil, _ deed: String,
        _ call: () -> Int32
    ) throws(RemoteFault) -> Int32 {
        noteMove()
        while true {
            let rc = call()
            guard rc == pending else { return rc }
            try wait(before: deadline, deed)
        }
    }

    /// Something of ours has begun to move: the time of a stall counts from here.
    func noteMove() {
        lastMove = ContinuousClock.now
    }

    /// Waits until the socket is ready.
    func wait(before deadline: ContinuousClock.Instant? = nil, _ deed: String) throws(RemoteFault) {
        let bytes = counter.pointee.in_bytes &+ counter.pointee.out_bytes
        if bytes != seenBytes {
            seenBytes = bytes
            noteMove()
        }
        let stall = lastMove + stallTimeout
        let end = deadline.map { min($0, stall) } ?? stall
        guard ContinuousClock.now < end else {
            throw RemoteFault(.timedOut, "\(deed): the server has stopped answering")
        }
        guard !isAbandoned() else { throw RemoteFault(.stopped, "\(deed): ended from our side") }
        let descriptor = ssh_get_fd(session)
        guard descriptor >= 0, !isBroken else { throw fault(.brokenOff, deed) }
        let isWriting = ssh_get_poll_flags(session) & SSH_WRITE_PENDING != 0
        var polled = pollfd(fd: descriptor, events: Int16(isWriting ? POLLIN | POLLOUT : POLLIN), revents: 0)
        _ = poll(&polled, 1, min(milliseconds(until: end), 1_000))
    }
}
