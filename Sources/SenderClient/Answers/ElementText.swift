/// Collects the text of elements by their path while an answer is read.
struct ElementText {
    private(set) var path: [String] = []
    private(set) var text = ""

    /// The element that an end tag closes, with its text; nil for other events.
    mutating func take(_ event: AnswerXML.Event) -> (path: [String], text: String)? {
        switch event {
        case .start(let name):
            path.append(name)
            text = ""
            return nil
        case .text(let more):
            text += more
            return nil
        case .end:
            defer {
                path.removeLast()
                text = ""
            }
            return (path, text.trimmingBlanks)
        }
    }
}

extension String {
    /// Without the white space of XML at both ends.
    fileprivate var trimmingBlanks: String {
        let isBlank = { (scalar: Unicode.Scalar) in [0x20, 0x09, 0x0A, 0x0D].contains(scalar.value) }
        var rest = unicodeScalars[...]
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(rest)
    }
}
