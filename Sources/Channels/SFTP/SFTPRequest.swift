/// A request of SFTP version 3 (draft-ietf-secsh-filexfer-02, sections 4, 6 and 8; OpenSSH `PROTOCOL` for the
/// extensions). Decoding never traps, whatever the bytes.
///
/// Paths are the peer's bytes, unchecked. A handle is the number we gave out, 0 when the peer's cannot be
/// ours.
enum SFTPRequest: Hashable {
    case open(path: [UInt8], access: SFTPAccess, attributes: SFTPAttributes)
    case close(handle: UInt32)
    case read(handle: UInt32, offset: UInt64, length: UInt32)
    /// `payload` is the place of the bytes inside the packet.
    case write(handle: UInt32, offset: UInt64, payload: Range<Int>)
    case linkStatus(path: [UInt8])
    case status(path: [UInt8])
    case handleStatus(handle: UInt32)
    case setStatus(path: [UInt8], attributes: SFTPAttributes)
    case setHandleStatus(handle: UInt32, attributes: SFTPAttributes)
    case openDirectory(path: [UInt8])
    case readDirectory(handle: UInt32)
    case remove(path: [UInt8])
    case makeDirectory(path: [UInt8])
    case removeDirectory(path: [UInt8])
    case realPath(path: [UInt8])
    case rename(from: [UInt8], to: [UInt8], replacing: Bool)
    case sync(handle: UInt32)
    case limits
    /// READLINK and SYMLINK: there are no links here.
    case link
    /// Any other type or extension.
    case unknown
}

/// The flags of OPEN (section 6.3).
struct SFTPAccess: OptionSet, Hashable {
    let rawValue: UInt32

    static let read = SFTPAccess(rawValue: 1)
    static let write = SFTPAccess(rawValue: 2)
    static let append = SFTPAccess(rawValue: 4)
    static let create = SFTPAccess(rawValue: 8)
    static let truncate = SFTPAccess(rawValue: 0x10)
    static let exclusive = SFTPAccess(rawValue: 0x20)

    var isWriting: Bool { !isDisjoint(with: [.write, .append]) }
}

/// What one packet holds.
enum SFTPIncoming: Hashable {
    case initialise(version: UInt32)
    case request(id: UInt32, SFTPRequest)
    /// The id could be read but the rest is cut off or wrong: the request is refused, the session goes on.
    case malformed(id: UInt32)
    /// Not even an id: the session ends.
    case broken
}
