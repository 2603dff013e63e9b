/// A reply as this side receives it (draft-ietf-secsh-filexfer-02, section 7). Decoding never traps, whatever the
/// bytes, and allocates nothing on the peer's word.
enum SFTPReply: Hashable {
    case status(SFTPStatus)
    case handle([UInt8])
    case data([UInt8])
    case names([SFTPName])
    case attributes(SFTPAttributes)
}

/// What STATUS says: the code, and the server's own words.
struct SFTPStatus: Hashable {
    let code: UInt32
    let words: [UInt8]

    var isOK: Bool { code == SFTPStatusCode.ok.rawValue }
    var isEndOfFile: Bool { code == SFTPStatusCode.endOfFile.rawValue }
}

/// One line of NAME.
struct SFTPName: Hashable {
    let name: [UInt8]
    /// The first byte of the line as `ls -l` would write it: the type of the file, where the attributes are silent.
    let letter: UInt8?
    let attributes: SFTPAttributes
}

extension SFTPReply {
    /// Not a reply of version 3, cut off, or with a field longer than the protocol or reason allows.
    struct Garbled: Error, Hashable {}

    /// A handle at the most (section 6.2).
    private static let longestHandle = 256
    /// A name at the most; the file systems of the world stop at 255 characters.
    private static let longestName = 1024

    /// Decodes one packet, given without its length.
    static func read(_ packet: UnsafeRawBufferPointer) throws(Garbled) -> (id: UInt32, reply: SFTPReply) {
        var fields = SFTPFieldReader(packet)
        do throws(SFTPFieldReader.Truncated) {
            let type = try fields.byte()
            let id = try fields.uint32()
            if let reply = try SFTPReply(type: type, fields: &fields) { return (id, reply) }
        } catch {}
        throw Garbled()
    }

    private init?(type: UInt8, fields: inout SFTPFieldReader) throws(SFTPFieldReader.Truncated) {
        switch type {
        case SFTPPacketType.status:
            let code = try fields.uint32()
            // Servers of the first drafts send the code alone.
            self = .status(SFTPStatus(code: code, words: fields.remaining > 0 ? try fields.string() : []))
        case SFTPPacketType.handle:
            let handle = try fields.string()
            guard handle.count <= SFTPReply.longestHandle else { return nil }
            self = .handle(handle)
        case SFTPPacketType.data: self = .data(try fields.string())
        case SFTPPacketType.name:
            let count = try fields.uint32()
            var names: [SFTPName] = []
            for _ in 0..<count {
                let name = try SFTPName(from: &fields)
                guard name.name.count <= SFTPReply.longestName else { return nil }
                names.append(name)
            }
            self = .names(names)
        case SFTPPacketType.attributes: self = .attributes(try SFTPAttributes(from: &fields))
        default: return nil
        }
    }
}

extension SFTPName {
    fileprivate init(from fields: inout SFTPFieldReader) throws(SFTPFieldReader.Truncated) {
        name = try fields.string()
        letter = try fields.string().first
        attributes = try SFTPAttributes(from: &fields)
    }
}

/// What VERSION says.
struct SFTPGreeting: Hashable {
    let version: UInt32
    /// Names of the extensions spoken.
    let extensions: Set<String>

    /// Nil when the packet is no VERSION.
    init?(_ packet: UnsafeRawBufferPointer) {
        var fields = SFTPFieldReader(packet)
        do throws(SFTPFieldReader.Truncated) {
            guard try fields.byte() == SFTPPacketType.version else { return nil }
            version = try fields.uint32()
            var extensions: Set<String> = []
            while fields.remaining > 0 {
                let name = try fields.string()
                _ = try fields.string()
                extensions.insert(String(decoding: name, as: UTF8.self))
            }
            self.extensions = extensions
        } catch {
            return nil
        }
    }
}
