/// What separates the parts of a multipart body (RFC 2046 section 5.1.1).
struct MultipartBoundary: Hashable, Sendable {
    /// The multipart types a set may come as.
    static let mediaTypes: Set<String> = ["multipart/form-data", "multipart/mixed"]
    static let longest = 70

    /// CRLF, `--` and the boundary.
    let delimiter: [UInt8]

    /// Nil unless it has 1 to 70 characters that RFC 2046 allows, the last no space.
    init?(_ bytes: [UInt8]) {
        guard (1...MultipartBoundary.longest).contains(bytes.count), bytes.last != 0x20,
            bytes.allSatisfy(MultipartBoundary.mayHold)
        else { return nil }
        delimiter = [0x0D, 0x0A, 0x2D, 0x2D] + bytes
    }

    private static func mayHold(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20, 0x27...0x29, 0x2B...0x2F, 0x3A, 0x3D, 0x3F, 0x5F:
            true
        default: false
        }
    }
}
