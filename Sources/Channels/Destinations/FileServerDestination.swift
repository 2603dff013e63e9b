public import Exchange

/// Delivers sets to a file server, SFTP or FTPS: `<path>/<ticket>/` with the FI files under their own names, and
/// `manifest.json`, which appears last and whole.
///
/// What the back-end keeps to: it takes a set once `manifest.json` is there, and from then on may move or remove what
/// it likes, in any order, as nothing is written there any more. It leaves `<path>/delivering` alone. A set is then
/// never delivered twice, not even when the back-end took it before a crash of ours: `delivering/<ticket>` is there from
/// the moment that all but the last rename is done until the ledger has the delivery.
///
/// Only files are renamed, as not every server can do it to directories. The ledger is the only judge of what is
/// delivered; what a server loses after it has confirmed it is lost there.
public struct FileServerDestination: Destination {
    private let connections: RemoteConnections
    private let path: RemotePath

    /// - Parameters:
    ///   - path: a directory that is there, and where the log-in may make others.
    ///   - keeping: the connections that stay open between deliveries. While one is under way it has its own.
    ///   - isAbandoned: asked about once a second during a delivery; true defers the set, in the midst of it.
    public init(
        server: any RemoteServer, as logIn: RemoteLogIn, path: RemotePath, keeping: Int = 2,
        until isAbandoned: @escaping @Sendable () -> Bool = { false }
    ) {
        connections = RemoteConnections(server, as: logIn, keeping: keeping, until: isAbandoned)
        self.path = path
    }

    public func deliver(_ delivery: Delivery) throws(Deferral) {
        do {
            try connections.use { files throws(RemoteFault) in
                try RemotePlacing(files: files, root: path, ticket: delivery.ticket).place(delivery)
            }
        } catch {
            if let own = error.cause as? Deferral { throw own }
            throw Deferral(
                .destinationUnavailable,
                "The server \(connections.address) did not take the set: \(error.sentence)")
        }
    }

    /// A marker that cannot be removed now stays for ever, and does no harm: with a connection that breaks the others are
    /// left, too.
    public func confirm(_ tickets: [Ticket]) {
        try? connections.use { files throws(RemoteFault) in
            for ticket in tickets {
                do throws(RemoteFault) {
                    try RemotePlacing(files: files, root: path, ticket: ticket).forget()
                } catch {
                    if error.breaksConnection { throw error }
                }
            }
        }
    }
}
