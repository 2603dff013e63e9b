/// A name a sender gave a file: any bytes but NUL and `/`, 1 to 80 of them, neither `.` nor `..`.
///
/// It need not be UTF-8 and is never handed to the file system as text; the spool stores it under `escaped`.
public struct FileName: Sendable, Hashable, CustomStringConvertible {
    /// The longest name taken. Names of the convention have at most 37 bytes (domain 1.2); the rest is room
    /// for temporary names, and 80 escaped bytes still fit one name on disk.
    public static let longest = 80

    public let bytes: [UInt8]

    /// Nil when the bytes cannot be a name.
    public init?(_ bytes: some Sequence<UInt8>) {
        let array = Array(bytes)
        guard (1...FileName.longest).contains(array.count), array != [0x2E], array != [0x2E, 0x2E],
            !array.contains(0), !array.contains(0x2F)
        else { return nil }
        self.bytes = array
    }

    /// Nil when the text cannot be a name.
    public init?(_ text: String) {
        self.init(text.utf8)
    }

    /// The name with every byte outside `[A-Za-z0-9_-.]`, and a leading dot, written as `%XX`. Reversible,
    /// printable, safe as a name on disk, and what people are shown.
    public var escaped: String {
        var text: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for (index, byte) in bytes.enumerated() {
            let isPlain =
                byte.isDigit || byte.isCapital || (byte >= 0x61 && byte <= 0x7A) || byte == 0x2D
                || byte == 0x5F
                || (byte == 0x2E && index > 0)
            if isPlain {
                text.append(byte)
            } else {
                text += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The name whose `escaped` form this is; nil when the text is no such form.
    public init?(escaped text: some StringProtocol) {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 0x25 {
                guard rest.count >= 2,
                    let value = [UInt8](hexadecimal: String(decoding: rest.prefix(2), as: UTF8.self))
                else { return nil }
                bytes += value
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        self.init(bytes)
    }

    public var description: String { escaped }
}
