/// A SHA-256 value. Evidence carries the digest of the bytes it judged.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// Always 32 bytes.
    public let bytes: [UInt8]

    /// Nil unless `bytes` are 32.
    public init?(_ bytes: some Sequence<UInt8>) {
        let array = Array(bytes)
        guard array.count == 32 else { return nil }
        self.bytes = array
    }

    /// Nil unless `hexadecimal` is 64 hexadecimal digits.
    public init?(hexadecimal: String) {
        guard let bytes = [UInt8](hexadecimal: hexadecimal) else { return nil }
        self.init(bytes)
    }

    /// Lower-case hexadecimal, 64 characters.
    public var description: String { bytes.hexadecimal }
}

extension Sequence<UInt8> {
    /// Lower-case hexadecimal digits, two for each byte.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Nil unless `hexadecimal` is an even number of hexadecimal digits of either case.
    public init?(hexadecimal: some StringProtocol) {
        func value(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x41...0x46: byte - 0x41 + 10
            case 0x61...0x66: byte - 0x61 + 10
            default: nil
            }
        }
        let digits = Array(hexadecimal.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self = bytes
    }
}
