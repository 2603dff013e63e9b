/// Words of a stranger, made safe to be told: short, on one line, without control characters.
enum PlainText {
    /// The longest value of a sender that is echoed, in characters.
    static let longestEcho = 40

    /// `'value'`, or how long it is when it is longer than `longestEcho`.
    static func quoted(_ value: String) -> String {
        let length = value.unicodeScalars.count
        return length > longestEcho ? "(a value of \(length) characters)" : "'" + escaped(value) + "'"
    }

    /// `text` with everything that is no printable character written as `\u{…}`, cut at `limit` characters.
    static func escaped(_ text: some StringProtocol, limit: Int = 400) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit { return result + "…" }
            if isPrintable(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            }
            count += 1
        }
        return result
    }

    /// Without the white space of XML at both ends.
    static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    /// False for controls, line and paragraph separators, invisible format characters (they can turn the
    /// reading direction of what follows), surrogates, and what is private or not assigned.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            false
        default: true
        }
    }
}
