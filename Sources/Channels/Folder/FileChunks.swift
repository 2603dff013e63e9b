internal import Glibc

/// Reads and writes open files piece by piece.
enum FileChunks {
    /// From where the file stands to its end, in pieces of 256 KiB.
    static func read(_ descriptor: Int32, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw OpenDirectory.Fault(call: "read", code: errno)
            }
            try take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        }
    }

    /// All of `bytes`, where the file stands.
    static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
    ) throws(OpenDirectory.Fault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            guard count > 0 || (count < 0 && errno == EINTR) else {
                throw OpenDirectory.Fault(call: "write", code: errno)
            }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
