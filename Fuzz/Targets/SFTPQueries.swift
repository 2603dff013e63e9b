@testable internal import Channels

extension FuzzTarget {
    /// Requests as our client encodes them. Proves that our server reads each as what was meant, whatever names,
    /// handles and numbers are in it.
    static let sftpQueries = FuzzTarget(name: "sftp-queries", longest: 1024) {
        (0..<12).map { [$0, 0, 0, 0, 7, 3, 0x49, 0x4E, 0x2F, 4, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9] }
    } prove: { input in
        var bytes = Bytes(input)
        while !bytes.rest.isEmpty {
            let (choice, id) = (bytes.byte(), bytes.integer(UInt32.self))
            let (query, expected) = pair(choice, &bytes)
            var writer = SFTPQueryWriter()
            writer.append(query, id: id)
            var reader = SFTPPacketReader()
            writer.stream.withUnsafeBytes { reader.append($0) }
            let isTaken = try? reader.takePacket { packet in
                hold(
                    SFTPIncoming(packet: packet) == .request(id: id, expected(packet)), "\(query) was misread"
                )
                return true
            }
            hold(isTaken == true && reader.count == 0, "\(query) is not exactly one packet")
        }
    }

    /// A request, and what is to be read in its packet.
    private static func pair(
        _ choice: UInt8, _ bytes: inout Bytes
    ) -> (SFTPQuery, (UnsafeRawBufferPointer) -> SFTPRequest) {
        let (text, more) = (bytes.string(), bytes.string())
        let number = text.count == 4 ? text.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } : 0
        switch choice % 12 {
        case 0:
            let access = SFTPAccess(rawValue: bytes.integer(UInt32.self))
            return (
                .open(path: text, access: access),
                { _ in .open(path: text, access: access, attributes: SFTPAttributes()) }
            )
        case 1: return (.close(handle: text), { _ in .close(handle: number) })
        case 2:
            let (offset, length) = (bytes.integer(UInt64.self), bytes.integer(UInt32.self))
            return (
                .read(handle: text, offset: offset, length: length),
                { _ in .read(handle: number, offset: offset, length: length) }
            )
        case 3:
            let offset = bytes.integer(UInt64.self)
            return (
                .write(handle: text, offset: offset, bytes: more[...]),
                { .write(handle: number, offset: offset, payload: $0.count - more.count..<$0.count) }
            )
        case 4: return (.openDirectory(path: text), { _ in .openDirectory(path: text) })
        case 5: return (.readDirectory(handle: text), { _ in .readDirectory(handle: number) })
        case 6: return (.status(path: text), { _ in .status(path: text) })
        case 7: return (.remove(path: text), { _ in .remove(path: text) })
        case 8: return (.makeDirectory(path: text), { _ in .makeDirectory(path: text) })
        case 9:
            return (.rename(from: text, to: more), { _ in .rename(from: text, to: more, replacing: false) })
        case 10:
            return (.replace(from: text, to: more), { _ in .rename(from: text, to: more, replacing: true) })
        default: return (.sync(handle: text), { _ in .sync(handle: number) })
        }
    }
}
