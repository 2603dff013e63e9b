/// The character encodings taken (domain 2.3); the raw value is the name told.
enum DocumentEncoding: String, Sendable, CaseIterable {
    case utf8 = "UTF-8"
    case ascii = "US-ASCII"
    case latin1 = "ISO-8859-1"
    case latin9 = "ISO-8859-15"

    /// Why the encoding of a document is not taken.
    enum Fault: Error, Equatable {
        /// Code 138.
        case unsupported(String)
        /// Code 102: the XML declaration is longer than `declarationLimit`.
        case endlessDeclaration
    }

    /// Bytes looked at for the end of the XML declaration.
    static let declarationLimit = 1024

    /// Nil for a name that is not known. Case does not count.
    init?(name: String) {
        switch name.lowercased() {
        case "utf-8", "utf8": self = .utf8
        case "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "iso-ir-6": self = .ascii
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "iso_8859-1:1987", "latin1", "latin-1", "l1",
            "iso-ir-100":
            self = .latin1
        case "iso-8859-15", "iso8859-15", "iso_8859-15", "latin9", "latin-9": self = .latin9
        default: return nil
        }
    }

    /// The encoding of a document by its byte-order mark and its XML declaration (XML 1.0, appendix F), and
    /// how many bytes the mark has.
    /// - Parameter head: the first bytes; at least `declarationLimit` unless the document is shorter.
    static func detect(in head: UnsafeRawBufferPointer) throws(Fault) -> (encoding: Self, markLength: Int) {
        if let wide = wideEncoding(of: head) { throw .unsupported(wide) }
        let markLength = head.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let text = UnsafeRawBufferPointer(rebasing: head[min(markLength, head.count)...])
        guard let name = try declaredName(in: text) else { return (.utf8, markLength) }
        guard let encoding = Self(name: name) else {
            throw .unsupported("the encoding \(PlainText.quoted(name))")
        }
        guard markLength == 0 || encoding == .utf8 else {
            throw .unsupported("a UTF-8 byte-order mark before a declaration of \(encoding.rawValue)")
        }
        return (encoding, markLength)
    }

    /// The name of a two- or four-byte encoding, or of EBCDIC, that the first bytes give away.
    private static func wideEncoding(of head: UnsafeRawBufferPointer) -> String? {
        let first = Array(head.prefix(4)) + [UInt8](repeating: 0x20, count: max(0, 4 - head.count))
        switch (first[0], first[1], first[2], first[3]) {
        case (0x00, 0x00, 0xFE, 0xFF), (0xFF, 0xFE, 0x00, 0x00), (0x00, 0x00, 0x00, 0x3C),
            (0x3C, 0x00, 0x00, 0x00):
            return "UTF-32"
        case (0xFE, 0xFF, _, _), (0xFF, 0xFE, _, _), (0x00, 0x3C, _, _), (0x3C, 0x00, _, _):
            return "UTF-16"
        case (0x4C, 0x6F, 0xA7, 0x94):
            return "EBCDIC"
        default:
            return nil
        }
    }

    /// The value of `encoding` in the XML declaration; nil without one. A declaration that is not well-formed
    /// is the parser's to refuse.
    private static func declaredName(in text: UnsafeRawBufferPointer) throws(Fault) -> String? {
        let head = text.prefix(declarationLimit)
        guard head.starts(with: Array("<?xml".utf8)), head.count > 5, isSpace(head[5]) else { return nil }
        guard let end = head.indices.dropFirst(6).first(where: { head[$0] == 0x3E && head[$0 - 1] == 0x3F })
        else {
            guard text.count > declarationLimit else { return nil }
            throw .endlessDeclaration
        }
        var rest = Array(head[5..<end - 1])[...]
        guard let start = position(of: Array("encoding".utf8), in: rest) else { return nil }
        rest = rest[(start + 8)...].drop(while: isSpace)
        guard rest.popFirst() == 0x3D else { return nil }
        rest = rest.drop(while: isSpace)
        guard let quote = rest.popFirst(), quote == 0x22 || quote == 0x27 else { return nil }
        return String(decoding: rest.prefix { $0 != quote }, as: UTF8.self)
    }

    private static func position(of word: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= word.count else { return nil }
        return (bytes.startIndex...bytes.endIndex - word.count).first { bytes[$0...].starts(with: word) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }
}
