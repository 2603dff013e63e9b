/// A path at a file server, relative to where its log-in begins, or from its root when it begins with `/`. Bytes, as
/// servers have them; never NUL, CR or LF, which would let a name speak for us in the protocol.
public struct RemotePath: Sendable, Hashable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// Nil when empty or with a forbidden byte.
    public init?(_ bytes: some Sequence<UInt8>) {
        let array = Array(bytes)
        guard !array.isEmpty, !array.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
            return nil
        }
        self.bytes = array
    }

    public init?(_ text: String) {
        self.init(text.utf8)
    }

    /// The path of an entry in this directory; nil when the name has a slash, a forbidden byte, or is `.` or `..`.
    public func appending(_ name: [UInt8]) -> RemotePath? {
        guard !name.isEmpty, !name.contains(0x2F), name != [0x2E], name != [0x2E, 0x2E] else { return nil }
        return RemotePath(bytes.last == 0x2F ? bytes + name : bytes + [0x2F] + name)
    }

    public func appending(_ name: String) -> RemotePath? {
        appending(Array(name.utf8))
    }

    /// Printable ASCII, cut short: other bytes, and the backslash, are escaped.
    public var description: String { peerWords(bytes) }

    /// The directory it is in, as far as its words go, and its last word; nil when there is none.
    var parted: (directory: RemotePath, name: [UInt8])? {
        var trimmed = bytes[...]
        while trimmed.last == 0x2F { trimmed.removeLast() }
        let cut = trimmed.lastIndex(of: 0x2F)
        let name = Array(trimmed[(cut.map { $0 + 1 } ?? trimmed.startIndex)...])
        guard !name.isEmpty, let here = RemotePath(".") else { return nil }
        guard let cut else { return (here, name) }
        let directory = RemotePath(trimmed[..<max(cut, 1)])
        return directory.map { ($0, name) }
    }
}
