internal import CLibXML2

/// What libxml2 says of XML that is not well-formed, as one sentence without long words of the sender.
struct WellFormednessSentence {
    let text: String

    /// - Parameter openElement: the innermost element that has not ended; empty outside the root.
    init(_ error: xmlError, openElement: String, hasRoot: Bool) {
        if error.code == Int32(XML_ERR_DOCUMENT_END.rawValue),
            let sentence = WellFormednessSentence.early(openElement, hasRoot)
        {
            text = sentence
            return
        }
        let said = LibXML.message(of: error)
        let words = [error.str1, error.str2, error.str3].compactMap { $0.map { String(cString: $0) } }
        let isShort = words.allSatisfy { $0.unicodeScalars.count <= PlainText.longestEcho }
        if isShort, !said.isEmpty {
            text = "the XML is not well-formed: " + PlainText.escaped(said)
        } else {
            text = "the XML is not well-formed (libxml2 error \(error.code))"
        }
    }

    /// libxml2 says "extra content" also of a document that ends too soon.
    private static func early(_ openElement: String, _ hasRoot: Bool) -> String? {
        if !hasRoot { return "the document has no root element" }
        return openElement.isEmpty ? nil : "the document ends before the end of the element \(openElement)"
    }
}
