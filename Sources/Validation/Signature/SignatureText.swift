/// The text form of a signature file (domain 3): base64 with any line ends and any armour, or bare DER.
enum SignatureText {
    /// The DER inside; nil when the file is neither strict base64 nor DER.
    static func decode(_ file: [UInt8]) -> [UInt8]? {
        if let bytes = decodeBase64(payload(of: file)), !bytes.isEmpty { return bytes }
        return file.first == BERElement.sequence ? file : nil
    }

    /// Base64 without armour, 64 columns (domain 9.23). A line feed ends every line: `base64 -d` takes no CR.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let digits = encodeBase64(bytes)
        var text: [UInt8] = []
        text.reserveCapacity(digits.count + digits.count / 32 + 2)
        for start in stride(from: 0, to: digits.count, by: 64) {
            text += digits[start..<min(start + 64, digits.count)]
            text.append(0x0A)
        }
        return text
    }

    /// The file without white space and without the lines that begin with five hyphens.
    private static func payload(of file: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(file.count)
        for line in file.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = line.drop { isBlank($0) }
            if text.starts(with: [0x2D, 0x2D, 0x2D, 0x2D, 0x2D]) { continue }
            result.append(contentsOf: text.lazy.filter { !isBlank($0) })
        }
        return result
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    /// RFC 4648 section 4, strictly: whole quanta, padding at the end only, no bits left over.
    static func decodeBase64(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == 0x3D }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for digit in text.dropLast(padding) {
            let value = values[Int(digit)]
            guard value != 0xFF else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        guard bits & ((1 << count) - 1) == 0 else { return nil }
        return bytes
    }

    private static func encodeBase64(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for place in 0..<4 {
                let isDigit = place <= group.count
                text.append(isDigit ? alphabet[Int(bits >> (18 - 6 * UInt32(place)) & 63)] : 0x3D)
            }
        }
        return text
    }
}
