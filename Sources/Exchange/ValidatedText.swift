/// A value written as one string of a fixed shape; coded as that string, and checked again when decoded.
protocol ValidatedText: Codable, CustomStringConvertible {
    init?(validating text: String)
}

extension ValidatedText {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(validating: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a \(Self.self)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension SenderNumber: ValidatedText {
    init?(validating text: String) { self.init(text) }
}

extension TechnicalUser: ValidatedText {
    init?(validating text: String) { self.init(text) }
}

extension EnterpriseNumber: ValidatedText {
    init?(validating text: String) { self.init(text) }
}

extension NSSONumber: ValidatedText {
    init?(validating text: String) { self.init(text) }
}

extension INSS: ValidatedText {
    init?(validating text: String) { self.init(text) }
}

extension Purpose: ValidatedText {
    init?(validating text: String) { self.init(text) }
}

extension Ticket: ValidatedText {
    init?(validating text: String) { self.init(text) }
}

extension Digest: ValidatedText {
    init?(validating text: String) { self.init(hexadecimal: text) }
}

extension FileName: ValidatedText {
    init?(validating text: String) { self.init(escaped: text) }
}
