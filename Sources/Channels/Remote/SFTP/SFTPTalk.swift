/// Asks and waits for answers over one wire; several requests may be under way. Confined to one thread.
///
/// A fault that breaks the connection closes the wire, and is what every later call gets.
final class SFTPTalk {
    /// Requests under way at the most. At 32 KiB each this fills a line of 2 MB, a window of OpenSSH's.
    static let mostUnanswered = 64
    /// Bytes of requests above which they are sent without waiting for more.
    private static let mostUnsent = 64 * 1024

    private let wire: any SFTPWire
    private var correspondence = SFTPCorrespondence()
    private var fault: RemoteFault?
    private let patience: Duration
    /// While something long is under way.
    private var pace: SFTPPace?

    /// - Parameter patience: how long answers may come too slowly during `paced`.
    init(over wire: any SFTPWire, patience: Duration) {
        self.wire = wire
        self.patience = patience
    }

    /// Does something long, in which answers must come at a least rate on the average.
    func paced<Value>(_ body: () throws(RemoteFault) -> Value) throws(RemoteFault) -> Value {
        pace = SFTPPace(patience: patience, at: .now)
        defer { pace = nil }
        return try body()
    }

    /// Exchanges versions; returns the extensions of the server.
    func begin() throws(RemoteFault) -> Set<String> {
        while true {
            if let greeting = correspondence.greeting { return greeting.extensions }
            try move(waiting: true)
        }
    }

    /// Sends a request, now or with the next; the reply is read with `reply(to:)` or dismissed.
    func ask(_ query: SFTPQuery) throws(RemoteFault) -> UInt32 {
        while correspondence.unanswered >= SFTPTalk.mostUnanswered { try move(waiting: true) }
        let id = correspondence.ask(query)
        if correspondence.output.count > SFTPTalk.mostUnsent { try move(waiting: false) }
        return id
    }

    func dismiss(_ ids: some Sequence<UInt32>) {
        for id in ids { correspondence.dismiss(id) }
    }

    func reply(to id: UInt32) throws(RemoteFault) -> SFTPReply {
        while true {
            if let reply = correspondence.take(id) { return reply }
            try move(waiting: true)
        }
    }

    /// The reply to a request that is answered by a status only.
    func status(of id: UInt32) throws(RemoteFault) -> SFTPStatus {
        guard case .status(let status) = try reply(to: id) else {
            throw garbled("something else than a status")
        }
        return status
    }

    /// Returns when what was asked is done. `deed` names it in the fault, `failure` is what the server's FAILURE means.
    func confirm(
        _ id: UInt32, failure: RemoteFault.Kind = .notAllowed, _ deed: @autoclosure () -> String
    ) throws(RemoteFault) {
        let status = try status(of: id)
        guard status.isOK else { throw refused(RemoteFault(status, deed(), failure: failure)) }
    }

    /// The handle of what was opened.
    func handle(of id: UInt32, _ deed: @autoclosure () -> String) throws(RemoteFault) -> [UInt8] {
        switch try reply(to: id) {
        case .handle(let handle): return handle
        case .status(let status) where !status.isOK: throw refused(RemoteFault(status, deed()))
        default: throw garbled("something else than a handle")
        }
    }

    /// Lets a handle go whose fate does not matter, with what was asked of it before.
    func letGo(_ handle: [UInt8], unread: some Sequence<UInt32>) throws(RemoteFault) {
        dismiss(unread)
        correspondence.dismiss(try ask(.close(handle: handle)))
        try move(waiting: false)
    }

    /// A refusal by the server, which may be one that ends the connection.
    func refused(_ fault: RemoteFault) -> RemoteFault {
        fault.breaksConnection ? broken(by: fault) : fault
    }

    /// The peer has spoken nonsense, or our own side gives up: the connection can only be closed.
    func broken(by fault: RemoteFault) -> RemoteFault {
        if self.fault == nil { self.fault = fault }
        wire.close()
        return fault
    }

    func garbled(_ reason: String) -> RemoteFault { broken(by: .garbled(reason)) }

    func close() {
        _ = broken(by: RemoteFault(.brokenOff, "the connection was closed"))
    }

    /// Sends and receives what goes; with `waiting`, waits when nothing does.
    private func move(waiting: Bool) throws(RemoteFault) {
        if let fault { throw fault }
        do throws(RemoteFault) {
            let sent = correspondence.output.count > 0 ? try correspondence.output.send(wire.send) : 0
            var garbled: SFTPCorrespondence.Garbled?
            let hasReceived = try wire.receive { bytes in
                pace?.note(bytes.count, at: .now)
                do throws(SFTPCorrespondence.Garbled) {
                    try correspondence.receive(bytes)
                } catch {
                    garbled = error
                }
            }
            if let garbled { throw .garbled(garbled.reason) }
            if waiting, sent == 0, !hasReceived { try wire.wait(before: pace?.deadline) }
        } catch {
            throw broken(by: error)
        }
    }
}
