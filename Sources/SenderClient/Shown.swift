/// Words of others, made safe to be shown to people.
enum Shown {
    /// `text` on one line, with everything that is no printable character written as `\u{…}`, cut at `limit`
    /// characters.
    static func text(_ text: some StringProtocol, limit: Int = 200) -> String {
        var shown = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == limit { return shown + "…" }
            if isPrintable(scalar) {
                shown.unicodeScalars.append(scalar)
            } else {
                shown += "\\u{" + String(scalar.value, radix: 16) + "}"
            }
        }
        return shown
    }

    /// A name at a server, any bytes.
    static func name(_ bytes: [UInt8]) -> String {
        text(String(decoding: bytes, as: UTF8.self), limit: 80)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            false
        default: true
        }
    }
}
