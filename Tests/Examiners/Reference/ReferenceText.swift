internal import Foundation

/// The text form of a signature file and the CRLF form of a payload, by Foundation.
enum ReferenceText {
    /// Base64 in its one right spelling, between any white space and lines of armour; or DER.
    static func decode(_ file: [UInt8]) -> [UInt8]? {
        // DER soon has bytes that no text has.
        if file.first == 0x30, file.prefix(64).contains(where: { $0 > 0x7F }) { return file }
        let blanks: Set<UInt8> = [0x09, 0x0B, 0x0C, 0x20]
        var text = Data()
        for line in file.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let words = line.drop(while: blanks.contains)
            if !words.starts(with: Array("-----".utf8)) {
                text.append(contentsOf: words.filter { !blanks.contains($0) })
            }
        }
        if let bytes = Data(base64Encoded: text), !bytes.isEmpty, bytes.base64EncodedData() == text {
            return Array(bytes)
        }
        return file.first == 0x30 ? file : nil
    }

    static func crlf(_ payload: [UInt8]) -> [UInt8] {
        var converted: [UInt8] = []
        for (index, byte) in payload.enumerated() {
            if byte == 0x0A, index == 0 || payload[index - 1] != 0x0D { converted.append(0x0D) }
            converted.append(byte)
        }
        return converted
    }
}
