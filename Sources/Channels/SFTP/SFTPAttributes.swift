/// Attributes of a file as SFTP version 3 writes them (draft-ietf-secsh-filexfer-02, section 5).
struct SFTPAttributes: Hashable {
    var size: UInt64?
    var owner: (user: UInt32, group: UInt32)?
    var permissions: UInt32?
    /// Seconds since 1970.
    var times: (access: UInt32, modification: UInt32)?

    private enum Flag {
        static let size: UInt32 = 1
        static let owner: UInt32 = 2
        static let permissions: UInt32 = 4
        static let times: UInt32 = 8
        static let extended: UInt32 = 0x8000_0000
    }

    init(size: UInt64? = nil) {
        self.size = size
    }

    init(from fields: inout SFTPFieldReader) throws(SFTPFieldReader.Truncated) {
        let flags = try fields.uint32()
        if flags & Flag.size != 0 { size = try fields.uint64() }
        if flags & Flag.owner != 0 {
            let user = try fields.uint32()
            owner = (user, try fields.uint32())
        }
        if flags & Flag.permissions != 0 { permissions = try fields.uint32() }
        if flags & Flag.times != 0 {
            let access = try fields.uint32()
            times = (access, try fields.uint32())
        }
        guard flags & Flag.extended != 0 else { return }
        for _ in 0..<(try fields.uint32()) {
            _ = try fields.stringRange()
            _ = try fields.stringRange()
        }
    }

    func append(to writer: inout SFTPReplyWriter) {
        var flags: UInt32 = 0
        if size != nil { flags |= Flag.size }
        if owner != nil { flags |= Flag.owner }
        if permissions != nil { flags |= Flag.permissions }
        if times != nil { flags |= Flag.times }
        writer.append(flags)
        if let size { writer.append(size) }
        if let owner {
            writer.append(owner.user)
            writer.append(owner.group)
        }
        if let permissions { writer.append(permissions) }
        if let times {
            writer.append(times.access)
            writer.append(times.modification)
        }
    }

    static func == (left: SFTPAttributes, right: SFTPAttributes) -> Bool {
        left.size == right.size && left.permissions == right.permissions
            && left.owner?.user == right.owner?.user && left.owner?.group == right.owner?.group
            && left.times?.access == right.times?.access
            && left.times?.modification == right.times?.modification
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(size)
        hasher.combine(permissions)
    }
}
