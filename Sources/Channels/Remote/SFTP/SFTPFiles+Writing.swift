extension SFTPFiles {
    /// Of bytes in one WRITE: what every server takes (draft-ietf-secsh-filexfer-02, section 3).
    private static let piece = 32 * 1024
    /// Confirmations of one file that are waited for at the most.
    private static let mostUnconfirmed = SFTPTalk.mostUnanswered - 8

    /// A file whose bytes are on their way, with its sync and its close.
    struct Departed {
        let path: RemotePath
        fileprivate var unconfirmed: [UInt32] = []
        fileprivate var refusal: RemoteFault?
    }

    /// Where the server offers `fsync@openssh.com` (and the settings do not say otherwise) the bytes are on its disk
    /// when this returns.
    public func write(
        _ path: RemotePath, from offset: UInt64, _ give: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(RemoteFault) {
        let access: SFTPAccess = offset == 0 ? [.write, .create, .truncate] : .write
        let handle = try talk.handle(
            of: talk.ask(.open(path: path.bytes, access: access)), "writing \(shown(path))")
        try confirm(send(give, to: handle, of: path, from: offset))
    }

    /// Sends all bytes of a file, its sync and its close; the last of them are not yet confirmed. The server does what
    /// concerns one file in the order asked (draft-ietf-secsh-filexfer-02, section 6.1).
    func send(
        _ give: (UnsafeMutableRawBufferPointer) throws -> Int, to handle: [UInt8], of path: RemotePath,
        from offset: UInt64
    ) throws(RemoteFault) -> Departed {
        var departed = Departed(path: path)
        var position = offset
        var piece = [UInt8](repeating: 0, count: SFTPFiles.piece)
        while departed.refusal == nil, case let count = try fill(&piece, from: give), count > 0 {
            departed.unconfirmed.append(
                try talk.ask(.write(handle: handle, offset: position, bytes: piece[..<count])))
            position += UInt64(count)
            if departed.unconfirmed.count >= SFTPFiles.mostUnconfirmed { try confirmFirst(of: &departed) }
        }
        if syncs, departed.refusal == nil { departed.unconfirmed.append(try talk.ask(.sync(handle: handle))) }
        departed.unconfirmed.append(try talk.ask(.close(handle: handle)))
        return departed
    }

    /// Returns when the server has confirmed everything; otherwise throws what it refused first.
    func confirm(_ departed: Departed) throws(RemoteFault) {
        var departed = departed
        while !departed.unconfirmed.isEmpty { try confirmFirst(of: &departed) }
        if let refusal = departed.refusal { throw refusal }
    }

    /// A refusal to take bytes into a file that is open means, more often than not, that there is no room.
    private func confirmFirst(of departed: inout Departed) throws(RemoteFault) {
        let id = departed.unconfirmed.removeFirst()
        do throws(RemoteFault) {
            try talk.confirm(id, failure: .tooMuch, "writing \(shown(departed.path))")
        } catch {
            guard !error.breaksConnection else { throw error }
            if departed.refusal == nil { departed.refusal = error }
        }
    }

    /// As many bytes as there are, up to a whole piece.
    private func fill(
        _ piece: inout [UInt8], from give: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(RemoteFault) -> Int {
        do {
            return try piece.withUnsafeMutableBytes { buffer in
                var filled = 0
                while filled < buffer.count {
                    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                    let count = try give(room)
                    precondition(0...room.count ~= count, "more bytes than the buffer has")
                    guard count > 0 else { break }
                    filled += count
                }
                return filled
            }
        } catch {
            throw talk.broken(by: RemoteFault(.stopped, "stopped here: \(error)", cause: error))
        }
    }
}
