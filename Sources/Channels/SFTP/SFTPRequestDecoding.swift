extension SFTPIncoming {
    /// Decodes one packet, given without its length.
    init(packet: UnsafeRawBufferPointer) {
        var fields = SFTPFieldReader(packet)
        guard let type = try? fields.byte(), let number = try? fields.uint32() else {
            self = .broken
            return
        }
        if type == SFTPPacketType.initialise {
            self = .initialise(version: number)
            return
        }
        do {
            self = .request(id: number, try SFTPRequest(type: type, fields: &fields))
        } catch {
            self = .malformed(id: number)
        }
    }
}

extension SFTPRequest {
    init(type: UInt8, fields: inout SFTPFieldReader) throws(SFTPFieldReader.Truncated) {
        switch type {
        case SFTPPacketType.open:
            let path = try fields.string()
            let access = SFTPAccess(rawValue: try fields.uint32())
            self = .open(path: path, access: access, attributes: try SFTPAttributes(from: &fields))
        case SFTPPacketType.close: self = .close(handle: try fields.handle())
        case SFTPPacketType.read:
            let handle = try fields.handle()
            let offset = try fields.uint64()
            self = .read(handle: handle, offset: offset, length: try fields.uint32())
        case SFTPPacketType.write:
            let handle = try fields.handle()
            let offset = try fields.uint64()
            self = .write(handle: handle, offset: offset, payload: try fields.stringRange())
        case SFTPPacketType.fstat: self = .handleStatus(handle: try fields.handle())
        case SFTPPacketType.fsetstat:
            let handle = try fields.handle()
            self = .setHandleStatus(handle: handle, attributes: try SFTPAttributes(from: &fields))
        case SFTPPacketType.readdir: self = .readDirectory(handle: try fields.handle())
        case SFTPPacketType.readlink, SFTPPacketType.symlink: self = .link
        case SFTPPacketType.extended: self = try SFTPRequest(extensionIn: &fields)
        default: self = try SFTPRequest(typeWithPath: type, fields: &fields)
        }
    }

    private init(typeWithPath type: UInt8, fields: inout SFTPFieldReader) throws(SFTPFieldReader.Truncated) {
        switch type {
        case SFTPPacketType.lstat: self = .linkStatus(path: try fields.string())
        case SFTPPacketType.stat: self = .status(path: try fields.string())
        case SFTPPacketType.setstat:
            let path = try fields.string()
            self = .setStatus(path: path, attributes: try SFTPAttributes(from: &fields))
        case SFTPPacketType.opendir: self = .openDirectory(path: try fields.string())
        case SFTPPacketType.remove: self = .remove(path: try fields.string())
        case SFTPPacketType.mkdir:
            self = .makeDirectory(path: try fields.string())
            _ = try SFTPAttributes(from: &fields)
        case SFTPPacketType.rmdir: self = .removeDirectory(path: try fields.string())
        case SFTPPacketType.realpath: self = .realPath(path: try fields.string())
        case SFTPPacketType.rename:
            let from = try fields.string()
            self = .rename(from: from, to: try fields.string(), replacing: false)
        default: self = .unknown
        }
    }

    private init(extensionIn fields: inout SFTPFieldReader) throws(SFTPFieldReader.Truncated) {
        switch String(decoding: try fields.string(), as: UTF8.self) {
        case SFTPExtension.posixRename:
            let from = try fields.string()
            self = .rename(from: from, to: try fields.string(), replacing: true)
        case SFTPExtension.fsync: self = .sync(handle: try fields.handle())
        case SFTPExtension.limits: self = .limits
        default: self = .unknown
        }
    }
}

extension SFTPFieldReader {
    /// Our handles are four bytes and never 0.
    fileprivate mutating func handle() throws(Truncated) -> UInt32 {
        let bytes = try string()
        return bytes.count == 4 ? bytes.reduce(0) { $0 << 8 | UInt32($1) } : 0
    }
}
