/// Whether the target of a request is written in the one way each resource has.
enum RequestTarget {
    /// False for anything but an absolute path with an optional query: empty, `.` and `..` segments, escapes that
    /// are none or hide a slash, a backslash or a control character, and bytes no target may have (RFC 3986).
    static func isCanonical(_ target: String) -> Bool {
        let pieces = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard target.hasPrefix("/"), pieces.count == 1 || bytes(of: pieces[1]) != nil else { return false }
        let segments = pieces[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard segments != [""] else { return true }
        return segments.allSatisfy { segment in
            guard let bytes = bytes(of: segment) else { return false }
            return !bytes.isEmpty && bytes != [0x2E] && bytes != [0x2E, 0x2E]
                && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x2F && $0 != 0x5C }
        }
    }

    /// Of a target, beside `%`.
    private static let plain = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?".utf8)

    /// The bytes a part of a target stands for; nil when it is none.
    private static func bytes(of text: Substring) -> [UInt8]? {
        guard text.utf8.allSatisfy({ plain.contains($0) || $0 == 0x25 }) else { return nil }
        return [UInt8](percentEncoded: text.utf8)
    }
}
