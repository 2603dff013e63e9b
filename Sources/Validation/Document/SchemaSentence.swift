internal import CLibXML2

/// A schema fault of libxml2 in plain English, without its prefixes and without long values of the sender.
struct SchemaSentence {
    let text: String
    /// The fault is about the value against one rule of its type.
    let isFacet: Bool
    /// The fault only says that the value is not of its type; said again after the rule was named.
    let isSummary: Bool

    /// - Parameter element: the name of the element at fault.
    init(_ error: xmlError, element: String) {
        let code = UInt32(bitPattern: error.code)
        isFacet =
            (XML_SCHEMAV_CVC_FACET_VALID.rawValue...XML_SCHEMAV_CVC_ENUMERATION_VALID.rawValue).contains(code)
        isSummary = code == XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1.rawValue
        let value = error.str1.map { String(cString: $0) }
        var sentence = SchemaSentence.withoutPrefix(LibXML.message(of: error))
        if let value {
            sentence = SchemaSentence.replacing("'\(value)'", in: sentence, by: PlainText.quoted(value))
        }
        sentence = SchemaSentence.replacing("This element", in: sentence, by: "The element \(element)")
        sentence = SchemaSentence.replacing(
            "Missing child element(s).", in: sentence, by: "The element \(element) is not complete.")
        sentence = SchemaSentence.replacing(" of the local atomic type.", in: sentence, by: " here.")
        sentence = SchemaSentence.replacing(" of the atomic type '", in: sentence, by: " of the type '")
        sentence = SchemaSentence.replacing("( ", in: sentence, by: "(")
        sentence = SchemaSentence.replacing(" ).", in: sentence, by: ").")
        text = PlainText.escaped(sentence)
    }

    /// Without `Element 'X': `, `Element 'X', attribute 'y': ` and `[facet 'z'] ` at the start.
    private static func withoutPrefix(_ message: String) -> String {
        var rest = message[...]
        if rest.hasPrefix("Element '"), let end = position(of: "': ", in: rest) { rest = rest[end...] }
        if rest.hasPrefix("[facet '"), let end = position(of: "'] ", in: rest) { rest = rest[end...] }
        return String(rest)
    }

    /// The place after the first `mark`.
    private static func position(of mark: String, in text: Substring) -> String.Index? {
        let bytes = text.utf8
        let wanted = Array(mark.utf8)
        var index = bytes.startIndex
        while let start = bytes[index...].firstIndex(of: wanted[0]) {
            if bytes[start...].starts(with: wanted) { return bytes.index(start, offsetBy: wanted.count) }
            index = bytes.index(after: start)
        }
        return nil
    }

    /// `text` with the first `part` replaced.
    private static func replacing(_ part: String, in text: String, by replacement: String) -> String {
        guard let end = position(of: part, in: text[...]) else { return text }
        let start = text.utf8.index(end, offsetBy: -part.utf8.count)
        return text[..<start] + replacement + text[end...]
    }
}
