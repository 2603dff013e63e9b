/// A header field of a value and parameters, such as `form-data; name="file"; filename="GO"` (RFC 2045 section 5.1,
/// RFC 9110 section 5.6.6).
struct ParameterisedField: Equatable {
    /// In lower case.
    let value: String
    /// Names in lower case; values without their quotes. No name stands twice.
    let parameters: [String: [UInt8]]

    /// Nil when the bytes are no such field. A backslash that escapes in a quoted value is kept: what reads the value
    /// refuses it, because programs that write paths do not escape.
    init?(_ bytes: some Sequence<UInt8>) {
        var rest = Array(bytes)[...]
        rest.trimSpaces()
        let value = rest.take { $0.isTokenCharacter || $0 == 0x2F }
        guard !value.isEmpty else { return nil }
        var parameters: [String: [UInt8]] = [:]
        rest.trimSpaces()
        while !rest.isEmpty {
            guard rest.popFirst() == 0x3B else { return nil }
            rest.trimSpaces()
            if rest.isEmpty { break }
            let name = rest.take(while: \.isTokenCharacter)
            rest.trimSpaces()
            guard !name.isEmpty, rest.popFirst() == 0x3D else { return nil }
            rest.trimSpaces()
            guard let text = rest.first == 0x22 ? rest.takeQuoted() : rest.take(while: \.isTokenCharacter)
            else { return nil }
            let key = String(decoding: name, as: UTF8.self).lowercased()
            guard parameters.updateValue(Array(text), forKey: key) == nil else { return nil }
            rest.trimSpaces()
        }
        self.value = String(decoding: value, as: UTF8.self).lowercased()
        self.parameters = parameters
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func trimSpaces() {
        self = drop { $0 == 0x20 || $0 == 0x09 }
    }

    fileprivate mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let taken = prefix(while: isWanted)
        self = self[taken.endIndex...]
        return taken
    }

    /// A quoted string without its quotes, backslashes kept: whoever reads it decides what they mean.
    fileprivate mutating func takeQuoted() -> ArraySlice<UInt8>? {
        var index = startIndex + 1
        while index < endIndex, self[index] != 0x22 {
            index += self[index] == 0x5C ? 2 : 1
        }
        guard index < endIndex else { return nil }
        defer { self = self[(index + 1)...] }
        return self[(startIndex + 1)..<index]
    }
}

extension UInt8 {
    /// A character of a token (RFC 9110 section 5.6.2).
    var isTokenCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60,
            0x7C, 0x7E:
            true
        default: false
        }
    }
}
