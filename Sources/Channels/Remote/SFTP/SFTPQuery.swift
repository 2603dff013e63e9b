/// A request as this side sends it (draft-ietf-secsh-filexfer-02, section 6; OpenSSH `PROTOCOL` for the extensions).
/// The server's `SFTPRequest` is what was made of such bytes; here handles are the peer's, any bytes it likes.
enum SFTPQuery: Hashable {
    case open(path: [UInt8], access: SFTPAccess)
    case close(handle: [UInt8])
    case read(handle: [UInt8], offset: UInt64, length: UInt32)
    case write(handle: [UInt8], offset: UInt64, bytes: ArraySlice<UInt8>)
    case openDirectory(path: [UInt8])
    case readDirectory(handle: [UInt8])
    case status(path: [UInt8])
    case remove(path: [UInt8])
    case makeDirectory(path: [UInt8])
    case rename(from: [UInt8], to: [UInt8])
    /// `posix-rename@openssh.com`: in the place of a file that has the new name.
    case replace(from: [UInt8], to: [UInt8])
    /// `fsync@openssh.com`.
    case sync(handle: [UInt8])
}

/// Encodes requests one after another into one buffer, and drops what was sent from its front.
struct SFTPQueryWriter {
    private var bytes: [UInt8] = []
    private var sent = 0

    /// Bytes not yet sent.
    var count: Int { bytes.count - sent }

    /// Lends the unsent bytes to `send`, which returns how many of them went.
    mutating func send<Fault: Error>(_ send: (RawSpan) throws(Fault) -> Int) throws(Fault) -> Int {
        let count = try send(bytes.span.bytes.extracting(droppingFirst: sent))
        sent += count
        if sent == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            sent = 0
        }
        return count
    }

    /// INIT, which has no id.
    mutating func initialise() {
        packet { writer in
            writer.bytes.append(SFTPPacketType.initialise)
            writer.append(UInt32(3))
        }
    }

    mutating func append(_ query: SFTPQuery, id: UInt32) {
        switch query {
        case .open(let path, let access):
            packet(SFTPPacketType.open, id) { writer in
                writer.append(path)
                writer.append(access.rawValue)
                writer.appendNoAttributes()
            }
        case .close(let handle): packet(SFTPPacketType.close, id) { $0.append(handle) }
        case .read(let handle, let offset, let length):
            packet(SFTPPacketType.read, id) { writer in
                writer.append(handle)
                writer.append(offset)
                writer.append(length)
            }
        case .write(let handle, let offset, let bytes):
            packet(SFTPPacketType.write, id) { writer in
                writer.append(handle)
                writer.append(offset)
                writer.append(bytes)
            }
        case .openDirectory(let path): packet(SFTPPacketType.opendir, id) { $0.append(path) }
        case .readDirectory(let handle): packet(SFTPPacketType.readdir, id) { $0.append(handle) }
        case .status(let path): packet(SFTPPacketType.stat, id) { $0.append(path) }
        case .remove(let path): packet(SFTPPacketType.remove, id) { $0.append(path) }
        case .makeDirectory(let path):
            packet(SFTPPacketType.mkdir, id) { writer in
                writer.append(path)
                writer.appendNoAttributes()
            }
        case .rename(let old, let new): fields(SFTPPacketType.rename, id, [old, new])
        case .replace(let old, let new):
            fields(SFTPPacketType.extended, id, [Array(SFTPExtension.posixRename.utf8), old, new])
        case .sync(let handle):
            fields(SFTPPacketType.extended, id, [Array(SFTPExtension.fsync.utf8), handle])
        }
    }

    private mutating func fields(_ type: UInt8, _ id: UInt32, _ strings: [[UInt8]]) {
        packet(type, id) { writer in
            for string in strings { writer.append(string) }
        }
    }

    private mutating func packet(_ type: UInt8, _ id: UInt32, _ body: (inout SFTPQueryWriter) -> Void) {
        packet { writer in
            writer.bytes.append(type)
            writer.append(id)
            body(&writer)
        }
    }

    private mutating func packet(_ body: (inout SFTPQueryWriter) -> Void) {
        let start = bytes.count
        append(UInt32(0))
        body(&self)
        withUnsafeBytes(of: UInt32(bytes.count - start - 4).bigEndian) { length in
            bytes.replaceSubrange(start..<start + 4, with: length)
        }
    }

    /// The server decides on owner, modes and times.
    private mutating func appendNoAttributes() {
        append(UInt32(0))
    }

    private mutating func append(_ value: UInt32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ string: some Collection<UInt8>) {
        append(UInt32(string.count))
        bytes.append(contentsOf: string)
    }
}
