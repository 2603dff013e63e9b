internal import CLibSSH
internal import Exchange
internal import Foundation
internal import Logging

/// One connection: libssh carries the transport, `SFTPConversation` talks. Confined to the thread of its
/// worker.
///
/// Every session polls through an event of its own. libssh runs nested polls inside writes, and with one
/// event for all sessions a failure of one, met in such a poll, puts the session that was writing into its
/// error state.
///
/// Callbacks of libssh only decode requests and collect replies; nothing is written from inside them. Replies
/// leave in `advance()`, which the worker calls whenever the socket is ready or an operation settled. A write
/// during a key re-exchange writes nothing and nobody calls back: it is tried again at the next `advance()`.
final class SFTPSession {
    /// Unsent reply bytes above which no further request is taken.
    private static let mostUnsent = 1 << 20
    /// Received bytes that may wait: libssh grants a window of 1.28 MB; a peer that overruns it is cut off.
    private static let mostUntaken = 4 << 20
    private static let longestWrite = 256 * 1024
    /// Bytes received before the log-in, key exchange included.
    private static let mostBeforeLogIn = 256 * 1024

    let id: UInt64
    let address: PeerAddress
    let services: SFTPSessionServices
    let transport: ssh_session
    let inbox: SFTPInbox
    let startedAt: TimeInterval
    private let event: ssh_event
    private let callbacks: SSHSessionCallbacks
    private let counter: UnsafeMutablePointer<ssh_counter_struct>
    /// Packets, where `counter` has bytes.
    private let packetCounter: UnsafeMutablePointer<ssh_counter_struct>

    /// Set by the log-in.
    var admission: Admission?
    /// Keys and passwords refused.
    var refusedAttempts = 0
    /// Requests to log in, of any method.
    var attempts = 0
    /// Whose names were refused, in words that may be shown.
    var refusedUsers: Set<String> = []
    /// What the address has been charged for this connection.
    var countedFailure: PenaltyBook.Charge?
    /// Whatever ends it, the peer is not to pay for it: a known key has signed, or the reason is ours.
    var isExcused = false
    private var channel: ssh_channel?
    private(set) var conversation: SFTPConversation?
    /// Why the session must end; the worker ends it outside the callbacks of libssh.
    private(set) var endReason: String?
    private var reader = SFTPPacketReader()
    private var writing: [UInt8] = []
    private var writingOffset = 0
    private var isHeld = false
    private var isFlushing = false
    private var isPulling = false
    private var isPeerDone = false
    private var isChannelClosed = false
    /// When the channel was closed.
    private(set) var closedAt: TimeInterval?
    private var seenBytes: UInt64 = 0
    private(set) var lastActivity: TimeInterval
    /// No further request is taken.
    var isStopping = false

    /// Takes over `newcomer`, sends the banner, and leaves the rest to `advance()`; nil when the library
    /// refuses.
    init?(_ newcomer: SFTPNewcomer, services: SFTPSessionServices, inbox: SFTPInbox, now: TimeInterval) {
        guard let event = ssh_event_new() else {
            ssh_free(newcomer.transport)
            return nil
        }
        id = newcomer.id
        address = newcomer.address
        transport = newcomer.transport
        self.services = services
        self.inbox = inbox
        self.event = event
        startedAt = now
        lastActivity = now
        callbacks = SSHSessionCallbacks()
        counter = .allocate(capacity: 1)
        counter.initialize(to: ssh_counter_struct())
        packetCounter = .allocate(capacity: 1)
        packetCounter.initialize(to: ssh_counter_struct())
        callbacks.bind(to: self)
        ssh_set_counters(transport, counter, packetCounter)
        ssh_set_auth_methods(transport, Int32(SSH_AUTH_METHOD_PUBLICKEY))
        let rc = ssh_handle_key_exchange(transport)
        guard rc == SSH_OK || rc == SSH_AGAIN, ssh_event_add_session(event, transport) == SSH_OK else {
            return nil
        }
    }

    deinit {
        ssh_event_remove_session(event, transport)
        ssh_event_free(event)
        ssh_free(transport)
        counter.deallocate()
        packetCounter.deallocate()
        callbacks.deallocate()
    }

    var descriptor: Int32 { ssh_get_fd(transport) }

    /// True while the socket must be polled for writing.
    var wantsToWrite: Bool { ssh_get_poll_flags(transport) & SSH_WRITE_PENDING != 0 }

    var receivedBytes: UInt64 { counter.pointee.in_bytes }

    /// True when the peer has sent more than its banner: the first packet begins the key exchange.
    var hasBegunKeyExchange: Bool { packetCounter.pointee.in_packets > 0 }

    /// True when no operation is waited for, and none is held.
    var isIdle: Bool { (conversation?.waitingCount ?? 0) == 0 && !isHeld }

    /// True when nothing is waited for and nothing waits to be sent.
    var isQuiet: Bool { (conversation?.waitingCount ?? 0) == 0 && unsent == 0 }

    var hasChannel: Bool { channel != nil }

    private var unsent: Int { (conversation?.replies.count ?? 0) + writing.count - writingOffset }

    private var isPaused: Bool { isHeld || isStopping || unsent > SFTPSession.mostUnsent }

    func fail(_ reason: String) {
        if endReason == nil { endReason = reason }
    }

    /// Receives, answers and sends as far as it goes without waiting, within bounds that leave other sessions
    /// their turn.
    func advance(now: TimeInterval) {
        for _ in 0..<4 {
            poll()
            guard endReason == nil else { return }
            answer()
            guard flush() else { break }
        }
        noteActivity(now)
        closeWhenDone(now)
    }

    /// An operation that was waited for has its outcome.
    func resume(_ ticket: UInt64, with outcome: SFTPSettlement.Outcome, now: TimeInterval) {
        conversation?.resume(ticket, with: outcome)
        isHeld = false
        advance(now: now)
    }

    /// Takes a request again that was held: nothing tells when a sender may go on.
    func retry(now: TimeInterval) {
        guard isHeld, !isStopping else { return }
        isHeld = false
        // Before anything more is received: what is held goes on to be held, and so is what stands behind it.
        decode()
        if !isHeld { advance(now: now) }
    }

    /// Gives back memory that an idle session does not need.
    func trim() {
        reader.trim()
        conversation?.replies.trim()
        guard writingOffset == writing.count else { return }
        writing = []
        writingOffset = 0
    }

    /// Ends the connection, telling the peer why, and lets go what it held open.
    func close(telling message: String) {
        conversation?.end()
        conversation = nil
        guard ssh_get_status(transport) & (SSH_CLOSED | SSH_CLOSED_ERROR) == 0 else { return }
        ssh_event_remove_session(event, transport)
        _ = ssh_session_set_disconnect_message(transport, message)
        ssh_disconnect(transport)
        channel = nil
    }

    private func poll() {
        // libssh reads 4 KiB in one poll.
        for _ in 0..<64 {
            let rc = ssh_event_dopoll(event, 0)
            if ssh_get_status(transport) & (SSH_CLOSED | SSH_CLOSED_ERROR) != 0 {
                return fail(closedAt == nil ? "connection broken by peer" : "closed by peer")
            }
            // A signature of an algorithm that is not accepted is not answered by libssh, only noted.
            if admission == nil,
                ssh_get_error_code(UnsafeMutableRawPointer(transport)) == Int32(SSH_FATAL.rawValue)
            {
                return refuseSignature()
            }
            if admission == nil, receivedBytes > SFTPSession.mostBeforeLogIn {
                return fail("too much before the log-in")
            }
            guard rc == SSH_OK, endReason == nil else { return }
        }
    }

    private func noteActivity(_ now: TimeInterval) {
        let bytes = counter.pointee.in_bytes &+ counter.pointee.out_bytes
        guard bytes != seenBytes else { return }
        seenBytes = bytes
        lastActivity = now
    }
}

// Requests and replies.
extension SFTPSession {
    /// Called by libssh; returns how many bytes are taken. What is not stays in libssh, which then grants no
    /// more window.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard conversation != nil else { return bytes.count }
        guard reader.count + bytes.count <= SFTPSession.mostUntaken else {
            fail("more sent than the window allows")
            return bytes.count
        }
        guard !isPaused, !isPulling, endReason == nil else { return 0 }
        reader.append(bytes)
        decode()
        return bytes.count
    }

    private func answer() {
        decode()
        while !isPaused, endReason == nil, pull() { decode() }
    }

    /// Takes what libssh kept back while the session was paused; false when there is nothing.
    private func pull() -> Bool {
        guard let channel, conversation != nil, !isChannelClosed else { return false }
        isPulling = true
        defer { isPulling = false }
        guard ssh_channel_poll(channel, 0) > 0 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 8) { buffer in
            let count = ssh_channel_read_nonblocking(channel, buffer.baseAddress, UInt32(buffer.count), 0)
            guard count > 0 else { return false }
            reader.append(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
            return true
        }
    }

    private func decode() {
        guard let conversation else { return }
        while !isPaused, endReason == nil {
            var progress = SFTPConversation.Progress.taken
            do throws(SFTPPacketReader.Fault) {
                let isTaken = try reader.takePacket { packet in
                    progress = conversation.receive(packet)
                    return progress == .taken
                }
                guard isTaken != nil else { return }
            } catch {
                return fail("packet of \(error.length) bytes")
            }
            switch progress {
            case .taken: break
            case .held: isHeld = true
            case .broken: fail("not the SFTP protocol")
            }
        }
    }

    /// Writes replies; true when some went out.
    private func flush() -> Bool {
        guard let channel, let conversation, !isFlushing, !isChannelClosed else { return false }
        isFlushing = true
        defer { isFlushing = false }
        var hasProgressed = false
        while endReason == nil, !wantsToWrite {
            if writingOffset == writing.count {
                guard conversation.replies.count > 0 else { break }
                writing = conversation.replies.take(leaving: writing)
                writingOffset = 0
            }
            let window = Int(ssh_channel_window_size(channel))
            let count = min(writing.count - writingOffset, window, SFTPSession.longestWrite)
            // With a closed window or in a key exchange the library would poll for a change; we do that
            // ourselves.
            guard count > 0 else { break }
            let written = writing.withUnsafeBytes { bytes in
                ssh_channel_write(channel, bytes.baseAddress?.advanced(by: writingOffset), UInt32(count))
            }
            guard written >= 0 else {
                fail("connection broken by peer")
                break
            }
            guard written > 0 else { break }
            writingOffset += Int(written)
            hasProgressed = true
        }
        return hasProgressed
    }
}

// The channel.
extension SFTPSession {
    /// The one channel of this connection; nil refuses.
    func openChannel() -> ssh_channel? {
        guard admission != nil, channel == nil, !isStopping, let new = ssh_channel_new(transport) else {
            return nil
        }
        guard callbacks.attach(to: new) else {
            ssh_channel_free(new)
            return nil
        }
        channel = new
        return new
    }

    func startSubsystem(_ name: String) -> Bool {
        guard name == "sftp", conversation == nil, let admission else { return false }
        let home: any SenderHome
        do throws(HomeFault) {
            home = try services.intake.home(of: admission.sender, over: .sftp)
        } catch {
            services.logger.error(
                "home of a sender cannot be opened",
                metadata: ["sender": "\(admission.sender)", "reason": "\(error)"])
            return false
        }
        let allowance = SFTPFileAllowance(
            limit: services.configuration.handlesPerSender,
            take: { [gate = services.gate, id] in gate.openFile(in: id) },
            giveBack: { [gate = services.gate, id] in gate.closeFile(in: id) })
        conversation = SFTPConversation(
            home: home, user: admission.user.description,
            handleLimit: services.configuration.handlesPerSession, allowance: allowance
        ) { [inbox, id] ticket, outcome in
            inbox.post(.settled(session: id, ticket: ticket, outcome: outcome))
        }
        return true
    }

    func notePeerDone() { isPeerDone = true }

    func noteChannelClosed() {
        isPeerDone = true
        isChannelClosed = true
    }

    /// After the peer's end of file, or when the server stops: answers what is in hand, then closes the
    /// channel, and leaves it to the peer to close the connection. A disconnect instead would make OpenSSH's
    /// client drop the last replies unread.
    private func closeWhenDone(_ now: TimeInterval) {
        // What a peer that says no more has asked for is done first.
        guard let channel, isPeerDone && !isHeld || isChannelClosed || isStopping, closedAt == nil,
            isQuiet || isChannelClosed, endReason == nil
        else { return }
        closedAt = now
        conversation?.end()
        if !isChannelClosed { _ = ssh_channel_request_send_exit_status(channel, 0) }
        _ = ssh_channel_close(channel)
    }
}
