/// The encodings answers come in (domain 2.3).
enum AnswerEncoding {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The document in UTF-8, without a byte order mark.
    static func utf8(_ bytes: [UInt8]) throws(AnswerXML.Fault) -> [UInt8] {
        let isMarked = bytes.starts(with: mark)
        let document = isMarked ? Array(bytes.dropFirst(mark.count)) : bytes
        switch declared(document) {
        case nil, "utf-8", "us-ascii":
            guard String(validating: document, as: UTF8.self) != nil, !document.contains(0) else {
                throw AnswerXML.Fault("its bytes are not UTF-8")
            }
            return document
        case "iso-8859-1" where !isMarked:
            return Array(String(String.UnicodeScalarView(document.map { UnicodeScalar($0) })).utf8)
        default: throw AnswerXML.Fault("its encoding is not taken")
        }
    }

    /// The encoding the XML declaration names, in lower case; nil when it names none.
    private static func declared(_ document: [UInt8]) -> String? {
        let head = String(decoding: document.prefix(200), as: UTF8.self)
        guard head.hasPrefix("<?xml"), let end = head.firstRange(of: "?>") else { return nil }
        let match = head[..<end.lowerBound].firstMatch(of: /encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/)
        return match.map { $0.output.1.lowercased() }
    }
}
