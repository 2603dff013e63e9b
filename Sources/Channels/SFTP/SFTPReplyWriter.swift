/// Encodes replies one after another into one buffer, so that those of many requests leave in one write.
struct SFTPReplyWriter {
    /// One line of a directory listing.
    struct Name: Hashable {
        let name: [UInt8]
        let longName: [UInt8]
        let attributes: SFTPAttributes
    }

    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    /// Takes all that was encoded, leaving `spare` (emptied) to encode into.
    mutating func take(leaving spare: consuming [UInt8]) -> [UInt8] {
        spare.removeAll(keepingCapacity: true)
        let taken = bytes
        bytes = spare
        return taken
    }

    mutating func trim() {
        if bytes.isEmpty { bytes = [] }
    }

    mutating func version(extensions: [String]) {
        packet(SFTPPacketType.version) { writer in
            writer.append(UInt32(3))
            for name in extensions {
                writer.append(string: name.utf8)
                writer.append(string: "1".utf8)
            }
        }
    }

    mutating func status(_ id: UInt32, _ code: SFTPStatusCode, _ message: String) {
        packet(SFTPPacketType.status, id) { writer in
            writer.append(code.rawValue)
            writer.append(string: message.utf8)
            writer.append(string: "en".utf8)
        }
    }

    mutating func handle(_ id: UInt32, _ handle: UInt32) {
        packet(SFTPPacketType.handle, id) { writer in
            writer.append(UInt32(4))
            writer.append(handle)
        }
    }

    mutating func attributes(_ id: UInt32, _ attributes: SFTPAttributes) {
        packet(SFTPPacketType.attributes, id) { attributes.append(to: &$0) }
    }

    mutating func names(_ id: UInt32, _ names: some Collection<Name>) {
        packet(SFTPPacketType.name, id) { writer in
            writer.append(UInt32(names.count))
            for name in names {
                writer.append(string: name.name)
                writer.append(string: name.longName)
                name.attributes.append(to: &writer)
            }
        }
    }

    mutating func limits(_ id: UInt32, packet length: Int, read: Int, write: Int, handles: Int) {
        packet(SFTPPacketType.extendedReply, id) { writer in
            for limit in [length, read, write, handles] { writer.append(UInt64(limit)) }
        }
    }

    /// A DATA reply of at most `length` bytes that `fill` writes in place; it returns how many it wrote. With
    /// 0 or an error nothing is left behind.
    mutating func data<Fault: Error>(
        _ id: UInt32, length: Int, fill: (UnsafeMutableRawBufferPointer) throws(Fault) -> Int
    ) throws(Fault) -> Int {
        let start = bytes.count
        append(UInt32(0))
        bytes.append(SFTPPacketType.data)
        append(id)
        append(UInt32(0))
        let header = bytes.count - start
        do throws(Fault) {
            // Appending zeros for `fill` to overwrite costs more than the reading itself.
            try bytes.append(addingCapacity: length) { (span: inout OutputSpan<UInt8>) throws(Fault) in
                try span.withUnsafeMutableBufferPointer { (room, filled) throws(Fault) in
                    filled = min(try fill(UnsafeMutableRawBufferPointer(room)), length)
                }
            }
        } catch {
            bytes.removeLast(bytes.count - start)
            throw error
        }
        let count = bytes.count - start - header
        guard count > 0 else {
            bytes.removeLast(header)
            return 0
        }
        store(UInt32(count + 9), at: start)
        store(UInt32(count), at: start + 9)
        return count
    }

    mutating func append(_ value: UInt32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(string: some Collection<UInt8>) {
        append(UInt32(string.count))
        bytes.append(contentsOf: string)
    }

    private mutating func packet(_ type: UInt8, _ id: UInt32? = nil, _ body: (inout SFTPReplyWriter) -> Void)
    {
        let start = bytes.count
        append(UInt32(0))
        bytes.append(type)
        if let id { append(id) }
        body(&self)
        store(UInt32(bytes.count - start - 4), at: start)
    }

    private mutating func store(_ value: UInt32, at index: Int) {
        for offset in 0..<4 {
            bytes[index + offset] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * offset))
        }
    }
}
