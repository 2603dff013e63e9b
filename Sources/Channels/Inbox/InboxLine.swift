/// The one connection of a worker, kept from account to account as long as the log-in is the same. One thread's.
final class InboxLine {
    private let server: any RemoteServer
    private let isAbandoned: @Sendable () -> Bool
    private var logIn: RemoteLogIn?
    private var files: (any RemoteFiles)?
    /// It was idle since another look: the server may have ended it meanwhile.
    private var isStale = false

    /// - Parameter isAbandoned: once true, calls end, with a fault, before they are done.
    init(to server: any RemoteServer, until isAbandoned: @escaping @Sendable () -> Bool = { false }) {
        self.server = server
        self.isAbandoned = isAbandoned
    }

    /// Has a connection as `logIn` for the calls that follow.
    func open(as logIn: RemoteLogIn) throws(InboxFault) {
        if files != nil, self.logIn == logIn {
            isStale = true
            return
        }
        close()
        self.logIn = logIn
        try connect()
    }

    /// A new connection with the same log-in.
    func connect() throws(InboxFault) {
        guard let logIn else { preconditionFailure("a line is opened before it is used") }
        drop()
        do {
            files = try server.connect(as: logIn, until: isAbandoned)
        } catch {
            throw .connecting(error)
        }
    }

    /// Does one thing at the server. A connection that proves to be gone at the first call of a look is replaced.
    func call<Value>(
        _ body: (any RemoteFiles) throws(RemoteFault) -> Value
    ) throws(InboxFault) -> Value {
        guard let files else { throw .broken(RemoteFault(.brokenOff, "the connection is closed")) }
        let wasStale = isStale
        isStale = false
        do throws(RemoteFault) {
            return try body(files)
        } catch {
            guard error.breaksConnection else { throw .refused(error) }
            drop()
            guard wasStale else { throw .broken(error) }
        }
        try connect()
        return try call(body)
    }

    /// Harmless when repeated.
    func close() {
        drop()
        logIn = nil
    }

    private func drop() {
        files?.close()
        files = nil
        isStale = false
    }
}
