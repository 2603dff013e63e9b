internal import CZlib

/// Unpacks raw deflate (RFC 1951) that comes in pieces, in flat memory. The one owner of its stream.
struct Inflater: ~Copyable {
    /// In memory of its own: zlib keeps the address of a stream.
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 16)

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard ecluse_begin_raw_inflate(stream) == Z_OK else { preconditionFailure("no memory for zlib") }
    }

    deinit {
        _ = inflateEnd(stream)
        stream.deallocate()
        buffer.deallocate()
    }

    /// Hands on what a piece unpacks to; bytes behind the end of the packed ones are passed over.
    ///
    /// - Throws: `ZippedDocument.Fault` when the bytes are no deflate, and what `take` throws.
    func unpack(
        _ piece: UnsafeRawBufferPointer, take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        stream.pointee.next_in = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(piece.count)
        while true {
            stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(buffer.count)
            let code = inflate(stream, Z_NO_FLUSH)
            // Z_BUF_ERROR: nothing is left to do with this piece.
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                throw ZippedDocument.Fault(clause: "what is packed in it is damaged")
            }
            let count = buffer.count - Int(stream.pointee.avail_out)
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            guard code == Z_OK, stream.pointee.avail_out == 0 else { return }
        }
    }
}
