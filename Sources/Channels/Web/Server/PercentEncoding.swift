internal import Exchange

extension [UInt8] {
    /// What percent-encoded bytes stand for (RFC 3986 section 2.1); nil when a `%` is not followed by two digits.
    init?(percentEncoded bytes: some Sequence<UInt8>) {
        var decoded: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                decoded.append(byte)
                continue
            }
            guard rest.count >= 2,
                let value = [UInt8](hexadecimal: String(decoding: rest.prefix(2), as: UTF8.self))
            else { return nil }
            decoded += value
            rest = rest.dropFirst(2)
        }
        self = decoded
    }
}
