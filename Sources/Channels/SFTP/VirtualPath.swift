internal import Exchange

/// A place in the tree a sender sees: the root, one of the six directories, or a file in one. There is
/// nothing else, and no path leads out of it.
///
/// A path is bytes split on `/`. Empty components and `.` are dropped, `..` goes up and stops at the root,
/// and a relative path begins at the root, all before anything is looked at: no text of the peer is ever
/// resolved by the file system.
enum VirtualPath: Hashable {
    case root
    case directory(Mailbox)
    case file(Mailbox, FileName)

    /// Why bytes lead nowhere.
    enum Fault: Error, Hashable {
        /// The first component is none of the six directories, or there are more than two.
        case outside
        /// A name of more than 80 bytes.
        case nameTooLong
        /// A name with a byte that no name may have.
        case notAName
    }

    init(_ path: [UInt8]) throws(Fault) {
        let components = VirtualPath.components(of: path)
        guard let first = components.first else {
            self = .root
            return
        }
        guard let mailbox = Mailbox(rawValue: String(decoding: first, as: UTF8.self)), components.count <= 2
        else {
            throw .outside
        }
        guard components.count == 2 else {
            self = .directory(mailbox)
            return
        }
        guard components[1].count <= FileName.longest else { throw .nameTooLong }
        guard let name = FileName(components[1]) else { throw .notAName }
        self = .file(mailbox, name)
    }

    /// The absolute form of `path`, whether or not anything is there.
    static func canonical(_ path: [UInt8]) -> [UInt8] {
        [0x2F] + components(of: path).joined(separator: [0x2F])
    }

    private static func components(of path: [UInt8]) -> [ArraySlice<UInt8>] {
        var components: [ArraySlice<UInt8>] = []
        for component in path.split(separator: 0x2F) {
            if component.elementsEqual([0x2E]) { continue }
            if component.elementsEqual([0x2E, 0x2E]) {
                _ = components.popLast()
            } else {
                components.append(component)
            }
        }
        return components
    }
}
