internal import Channels
internal import Exchange

extension RemoteFiles {
    /// A whole file of at most `limit` bytes; more is `.tooMuch`, and ends the connection.
    func bytes(of path: RemotePath, atMost limit: Int) throws(RemoteFault) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            try read(path, from: 0) { piece in
                guard bytes.count + piece.count <= limit else { throw TooLong() }
                bytes.append(contentsOf: piece)
            }
        } catch {
            guard error.cause is TooLong else { throw error }
            close()
            throw RemoteFault(.brokenOff, "a file at the server has more than \(limit) bytes")
        }
        return bytes
    }
}

private struct TooLong: Error {}

/// Where IN, OUT and their siblings lie at a server.
struct MailboxPaths: Sendable {
    let home: RemotePath?

    func path(_ mailbox: Mailbox) throws(RemoteFault) -> RemotePath {
        let path = home.map { $0.appending(mailbox.rawValue) } ?? RemotePath(mailbox.rawValue)
        guard let path else {
            throw RemoteFault(.notAllowed, "\(mailbox.rawValue) cannot be a directory at a server")
        }
        return path
    }
}
