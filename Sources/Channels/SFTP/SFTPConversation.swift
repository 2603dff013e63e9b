internal import Exchange
internal import Foundation

/// One SFTP session above the transport: takes packets, drives the sender's home, and leaves replies in
/// `replies`.
///
/// Confined to one thread. Requests are taken in order; one that waits for a completion is answered when
/// `resume(_:with:)` is called with the ticket that `deliver` was given, and others go on meanwhile. Held, and everything
/// behind it, is a request on a file whose sync is being waited for, and for `longestHold` one that begins or renames a file
/// while the home wants nothing new.
///
/// An upload that is not closed by the peer, or of which a write failed, is abandoned: it triggers nothing
/// (`anchors` R11; SFTPGo#1983).
final class SFTPConversation {
    /// What became of a packet.
    enum Progress {
        case taken
        /// Offer it again after the next `resume(_:with:)`, and now and then.
        case held
        /// The peer does not keep to the protocol: the session must end.
        case broken
    }

    /// What `resume` settles.
    enum Waiting {
        case close(id: UInt32, handle: UInt32, SFTPClosedFiles.File, size: UInt64)
        case sync(id: UInt32, handle: UInt32)
        case rename(id: UInt32, to: SFTPClosedFiles.File, size: UInt64)
    }

    /// Bytes of one READ or WRITE at the most; with its header a packet stays below
    /// `SFTPPacketReader.longest`.
    static let longestTransfer = 255 * 1024
    /// Seconds for which a request is held because of a pause: clients give up an answer that does not come, WinSCP after 15 s.
    static let longestHold: TimeInterval = 10

    let home: any SenderHome
    let listing: SFTPListing
    let now: () -> Date
    private let seconds: () -> TimeInterval
    /// Called on any thread with the ticket of an operation that settled late, and its outcome.
    let deliver: @Sendable (UInt64, SFTPSettlement.Outcome) -> Void

    var replies = SFTPReplyWriter()
    var handles: SFTPHandleTable
    var closedFiles = SFTPClosedFiles()
    private(set) var waiting: [UInt64: Waiting] = [:]
    private var lastTicket: UInt64 = 0
    private var isInitialised = false
    /// When the request was first held that is held because of a pause.
    private var pausedSince: TimeInterval?
    /// Payload bytes written and read.
    var bytesWritten: UInt64 = 0
    var bytesRead: UInt64 = 0

    init(
        home: any SenderHome, user: String, handleLimit: Int, allowance: SFTPFileAllowance,
        now: @escaping () -> Date = Date.init, seconds: @escaping () -> TimeInterval = SFTPClock.now,
        deliver: @escaping @Sendable (UInt64, SFTPSettlement.Outcome) -> Void
    ) {
        self.home = home
        self.now = now
        self.seconds = seconds
        self.deliver = deliver
        listing = SFTPListing(user: user, since: now())
        handles = SFTPHandleTable(limit: handleLimit, allowance: allowance)
    }

    /// Operations whose outcome is still to come.
    var waitingCount: Int { waiting.count }

    /// Takes one packet, given without its length. The bytes are used during the call only.
    func receive(_ packet: UnsafeRawBufferPointer) -> Progress {
        switch SFTPIncoming(packet: packet) {
        case .broken:
            return .broken
        case .initialise:
            guard !isInitialised else { return .broken }
            isInitialised = true
            replies.version(extensions: [
                SFTPExtension.posixRename, SFTPExtension.fsync, SFTPExtension.limits,
            ])
            return .taken
        case .malformed(let id):
            guard isInitialised else { return .broken }
            refuse(id, .malformed)
            return .taken
        case .request(let id, let request):
            guard isInitialised else { return .broken }
            guard !mustWait(request) else { return .held }
            do throws(SFTPRefusal) {
                try answer(request, id, packet)
            } catch {
                refuse(id, error)
            }
            return .taken
        }
    }

    /// The connection is over: what is still open is let go.
    func end() {
        for entry in handles.removeAll() {
            switch entry {
            case .upload(let open): open.upload.abandon()
            case .download(let open): open.download.close()
            case .directory, .closing: break
            }
        }
    }

    /// Gives an operation that was called and did not settle yet a ticket.
    func wait(_ kind: Waiting) -> UInt64 {
        lastTicket += 1
        waiting[lastTicket] = kind
        return lastTicket
    }

    /// Answers the operation that waits under `ticket`.
    func resume(_ ticket: UInt64, with outcome: SFTPSettlement.Outcome) {
        guard let kind = waiting.removeValue(forKey: ticket) else { return }
        settle(kind, outcome)
    }

    /// Calls `operation`, which takes a completion, and settles `kind` now or when the outcome comes.
    func run(_ kind: Waiting, _ operation: (@escaping @Sendable (SFTPSettlement.Outcome) -> Void) -> Void) {
        let settlement = SFTPSettlement()
        let ticket = wait(kind)
        operation { [deliver] outcome in
            if settlement.settle(outcome) { deliver(ticket, outcome) }
        }
        if let outcome = settlement.collect() { resume(ticket, with: outcome) }
    }

    func refuse(_ id: UInt32, _ refusal: SFTPRefusal) {
        replies.status(id, refusal.code, refusal.message)
    }

    func accept(_ id: UInt32) {
        replies.status(id, .ok, "")
    }

    private func settle(_ kind: Waiting, _ outcome: SFTPSettlement.Outcome) {
        switch kind {
        case .close(let id, let handle, let file, let size):
            handles[handle] = nil
            if case .success = outcome { closedFiles.add(file, size: size, at: now()) }
            reply(id, outcome)
        case .sync(let id, let handle):
            if case .upload(var open)? = handles[handle] {
                open.isSyncing = false
                handles[handle] = .upload(open)
            }
            reply(id, outcome)
        case .rename(let id, let file, let size):
            if case .success = outcome { closedFiles.add(file, size: size, at: now()) }
            reply(id, outcome)
        }
    }

    private func reply(_ id: UInt32, _ outcome: SFTPSettlement.Outcome) {
        switch outcome {
        case .success: accept(id)
        case .failure(let fault): refuse(id, SFTPRefusal(fault))
        }
    }

    private func mustPause() -> Bool {
        let now = seconds()
        guard home.pause > 0, now - (pausedSince ?? now) < SFTPConversation.longestHold else {
            pausedSince = nil
            return false
        }
        pausedSince = pausedSince ?? now
        return true
    }

    private func mustWait(_ request: SFTPRequest) -> Bool {
        let handle: UInt32
        switch request {
        case .open(_, let access, _) where access.isWriting: return mustPause()
        case .rename: return mustPause()
        case .write(let number, _, _), .close(let number), .sync(let number), .handleStatus(let number),
            .setHandleStatus(let number, _):
            handle = number
        default:
            return false
        }
        guard case .upload(let open)? = handles[handle] else { return false }
        return open.isSyncing
    }

    private func answer(
        _ request: SFTPRequest, _ id: UInt32, _ packet: UnsafeRawBufferPointer
    ) throws(SFTPRefusal) {
        switch request {
        case .write(let handle, let offset, let payload):
            try write(id, handle, UnsafeRawBufferPointer(rebasing: packet[payload]), at: offset)
        case .read(let handle, let offset, let length): try read(id, handle, offset, length)
        case .open(let path, let access, _): try open(id, path, access)
        case .close(let handle): try close(id, handle)
        case .sync(let handle): try sync(id, handle)
        case .handleStatus(let handle): try status(id, of: handle)
        case .setHandleStatus(let handle, let attributes): try set(id, attributes, of: handle)
        case .status(let path), .linkStatus(let path): try status(id, path)
        case .setStatus(let path, let attributes): try set(id, attributes, at: path)
        case .openDirectory(let path): try openDirectory(id, path)
        case .readDirectory(let handle): try readDirectory(id, handle)
        case .remove(let path): try remove(id, path)
        case .rename(let from, let to, let replacing): try rename(id, from, to, replacing: replacing)
        case .realPath(let path): realPath(id, path)
        case .makeDirectory(let path): try makeDirectory(path)
        case .removeDirectory(let path): try removeDirectory(path)
        case .limits:
            replies.limits(
                id, packet: SFTPPacketReader.longest, read: SFTPConversation.longestTransfer,
                write: SFTPConversation.longestTransfer, handles: handles.limit)
        case .link: throw SFTPRefusal(.unsupported, "there are no links here")
        case .unknown: throw .unsupported
        }
    }
}
