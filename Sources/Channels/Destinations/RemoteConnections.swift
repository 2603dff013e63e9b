internal import Synchronization

/// The connections of one destination to its server, used again and again.
final class RemoteConnections: Sendable {
    /// `@unchecked Sendable`: it is nobody's while it is here, and one thread's otherwise.
    private struct Idle: @unchecked Sendable {
        let files: any RemoteFiles
    }

    private let server: any RemoteServer
    private let logIn: RemoteLogIn
    private let keeping: Int
    private let isAbandoned: @Sendable () -> Bool
    private let idle = Mutex<[Idle]>([])

    /// - Parameter keeping: how many stay open when nothing is delivered.
    init(
        _ server: any RemoteServer, as logIn: RemoteLogIn, keeping: Int,
        until isAbandoned: @escaping @Sendable () -> Bool
    ) {
        self.server = server
        self.logIn = logIn
        self.keeping = keeping
        self.isAbandoned = isAbandoned
    }

    deinit {
        for connection in idle.withLock({ $0 }) { connection.files.close() }
    }

    var address: String { server.address }

    /// Runs `body`, which must bear to be run twice: a kept connection may turn out to be long dead, and is then
    /// replaced by a new one.
    func use(_ body: (any RemoteFiles) throws(RemoteFault) -> Void) throws(RemoteFault) {
        if let kept = idle.withLock({ $0.popLast() }) {
            do {
                return try run(body, on: kept.files)
            } catch {
                guard error.kind == .brokenOff || error.kind == .timedOut else { throw error }
            }
        }
        try run(body, on: server.connect(as: logIn, until: isAbandoned))
    }

    private func run(
        _ body: (any RemoteFiles) throws(RemoteFault) -> Void, on files: any RemoteFiles
    ) throws(RemoteFault) {
        do {
            try body(files)
        } catch {
            if error.breaksConnection { files.close() } else { keep(files) }
            throw error
        }
        keep(files)
    }

    private func keep(_ files: any RemoteFiles) {
        let connection = Idle(files: files)
        let isKept = idle.withLock { idle in
            guard idle.count < keeping else { return false }
            idle.append(connection)
            return true
        }
        if !isKept { files.close() }
    }
}
