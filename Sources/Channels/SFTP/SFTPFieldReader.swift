/// Reads the fields of one SFTP packet in order; every length is checked against what is left.
struct SFTPFieldReader {
    /// The packet ends inside a field.
    struct Truncated: Error {}

    private let bytes: UnsafeRawBufferPointer
    /// Where the next field begins.
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - position }

    mutating func byte() throws(Truncated) -> UInt8 {
        let range = try take(1)
        return bytes[range.lowerBound]
    }

    mutating func uint32() throws(Truncated) -> UInt32 {
        let range = try take(4)
        return UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt32.self))
    }

    mutating func uint64() throws(Truncated) -> UInt64 {
        let range = try take(8)
        return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self))
    }

    /// The place of a string's bytes inside the packet.
    mutating func stringRange() throws(Truncated) -> Range<Int> {
        let length = try uint32()
        guard length <= UInt32(Int32.max) else { throw Truncated() }
        return try take(Int(length))
    }

    mutating func string() throws(Truncated) -> [UInt8] {
        let range = try stringRange()
        return Array(bytes[range])
    }

    private mutating func take(_ count: Int) throws(Truncated) -> Range<Int> {
        guard count <= remaining else { throw Truncated() }
        defer { position += count }
        return position..<position + count
    }
}
