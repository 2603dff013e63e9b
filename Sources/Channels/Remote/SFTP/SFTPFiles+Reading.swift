extension SFTPFiles {
    /// Of bytes asked for in one READ: what every server gives (draft-ietf-secsh-filexfer-02, section 3).
    private static let piece: UInt32 = 32 * 1024

    /// Asks ahead, twice as far with each whole answer, so that a small file is not asked for what it has not.
    public func read(
        _ path: RemotePath, from offset: UInt64, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        try talk.paced { () throws(RemoteFault) in try readAhead(path, from: offset, take) }
    }

    private func readAhead(
        _ path: RemotePath, from offset: UInt64, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        let deed = "reading \(shown(path))"
        let handle = try talk.handle(of: talk.ask(.open(path: path.bytes, access: .read)), deed)
        var asked: [UInt32] = []
        var ahead = 2
        var next = offset
        while true {
            while asked.count < ahead {
                asked.append(try talk.ask(.read(handle: handle, offset: next, length: SFTPFiles.piece)))
                next += UInt64(SFTPFiles.piece)
            }
            let position = next - UInt64(asked.count) * UInt64(SFTPFiles.piece)
            switch try talk.reply(to: asked.removeFirst()) {
            case .data(let bytes):
                guard !bytes.isEmpty, bytes.count <= SFTPFiles.piece else {
                    throw talk.garbled(
                        "\(bytes.count) bytes of a file where \(SFTPFiles.piece) were asked for")
                }
                try give(bytes, to: take)
                ahead = min(ahead * 2, SFTPTalk.mostUnanswered)
                guard bytes.count < SFTPFiles.piece else { continue }
                // Less than asked for is not the end: what was asked for beyond is asked for again.
                talk.dismiss(asked)
                asked = []
                ahead = 1
                next = position + UInt64(bytes.count)
            case .status(let status) where status.isEndOfFile:
                return try talk.letGo(handle, unread: asked)
            case .status(let status) where !status.isOK:
                let fault = talk.refused(RemoteFault(status, deed))
                if !fault.breaksConnection { try talk.letGo(handle, unread: asked) }
                throw fault
            default: throw talk.garbled("something else than data")
            }
        }
    }

    private func give(
        _ bytes: [UInt8], to take: (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        do {
            try bytes.withUnsafeBytes(take)
        } catch {
            throw talk.broken(by: RemoteFault(.stopped, "stopped here: \(error)", cause: error))
        }
    }
}
