@testable internal import Channels

extension FuzzTarget {
    /// One packet of an SFTP server, without its length, as our client reads it.
    ///
    /// Proves: what is read is never more than what was there; names, attributes and data that our server writes
    /// again are read as the same.
    static let sftpReplies = FuzzTarget(name: "sftp-replies", longest: 4096) {
        var attributes = SFTPAttributes(size: 4096)
        attributes.permissions = 0o100600
        attributes.times = (1, 2)
        attributes.owner = (1000, 1000)
        let name = SFTPReplyWriter.Name(
            name: [0x61], longName: Array("-rw-------".utf8), attributes: attributes)
        return [
            packet { $0.version(extensions: ["fsync@openssh.com", "limits@openssh.com"]) },
            packet { $0.status(1, .noSuchFile, "There is no such file.") },
            packet { $0.handle(1, 7) },
            packet { $0.attributes(1, attributes) },
            packet { $0.names(1, [name, name]) },
            packet { write(&$0, 1, [1, 2, 3]) },
        ]
    } prove: { input in
        if let greeting = input.withUnsafeBytes({ SFTPGreeting($0) }) {
            hold(greeting.extensions.count <= input.count / 8, "more extensions than bytes")
        }
        guard let (id, reply) = read(input) else { return }
        var again: [UInt8] = []
        switch reply {
        case .status(let status): hold(status.words.count < input.count, "more words than bytes")
        case .handle(let handle): hold(handle.count <= 256, "a handle of \(handle.count) bytes")
        case .attributes(let attributes): again = packet { $0.attributes(id, attributes) }
        case .data(let bytes) where !bytes.isEmpty: again = packet { write(&$0, id, bytes) }
        case .data: break
        case .names(let names):
            hold(names.count <= input.count / 12, "more names than bytes")
            let lines = names.map {
                SFTPReplyWriter.Name(
                    name: $0.name, longName: $0.letter.map { [$0] } ?? [], attributes: $0.attributes)
            }
            again = packet { $0.names(id, lines) }
        }
        guard !again.isEmpty else { return }
        hold(read(again)?.id == id && read(again)?.reply == reply, "\(reply) is read as another")
    }

    private static func read(_ packet: [UInt8]) -> (id: UInt32, reply: SFTPReply)? {
        packet.withUnsafeBytes { try? SFTPReply.read($0) }
    }

    private static func packet(_ write: (inout SFTPReplyWriter) -> Void) -> [UInt8] {
        var writer = SFTPReplyWriter()
        write(&writer)
        return Array(writer.bytes.dropFirst(4))
    }

    private static func write(_ writer: inout SFTPReplyWriter, _ id: UInt32, _ bytes: [UInt8]) {
        _ = writer.data(id, length: bytes.count) { room in
            room.copyBytes(from: bytes)
            return bytes.count
        }
    }
}
