internal import Channels

/// A connection to a server that is made again when it breaks. One thread's.
final class Link {
    private let server: any RemoteServer
    private let logIn: RemoteLogIn
    private let perseverance: Perseverance
    private var files: (any RemoteFiles)?
    /// What the last connection said is worth writing together.
    private(set) var filesAtOnce = 1

    /// - Parameters:
    ///   - patience: seconds without any progress after which it gives up.
    ///   - note: told in words when a connection is made again.
    init(
        to server: any RemoteServer, as logIn: RemoteLogIn, patience: Double, timing: Timing,
        note: @escaping (String) -> Void
    ) {
        self.server = server
        self.logIn = logIn
        perseverance = Perseverance(patience: patience, timing: timing, note: note)
    }

    deinit {
        files?.close()
    }

    /// Runs `body` on the connection; after a cut again on a new one, as long as patience lasts. It must be able to
    /// begin again at any point.
    ///
    /// A first connection that does not come about is a fault at once. So is everything a new connection cannot mend.
    func run<Result>(
        _ body: (any RemoteFiles) throws(RemoteFault) -> Result
    ) throws(RemoteFault) -> Result {
        perseverance.begin()
        while true {
            do {
                let result = try body(connection())
                perseverance.noteProgress()
                return result
            } catch {
                guard error.breaksConnection else { throw error }
                close()
                try perseverance.wait(after: error, at: server.address)
            }
        }
    }

    /// Something was achieved: patience begins anew.
    func noteProgress() {
        perseverance.noteProgress()
    }

    func close() {
        files?.close()
        files = nil
    }

    private func connection() throws(RemoteFault) -> any RemoteFiles {
        if let files { return files }
        let files = try server.connect(as: logIn)
        self.files = files
        filesAtOnce = files.filesAtOnce
        perseverance.noteContact()
        return files
    }
}
