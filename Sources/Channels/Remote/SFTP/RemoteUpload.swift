/// A file to be written at a server, and where its bytes come from.
public struct RemoteUpload {
    public let path: RemotePath
    /// Fills the buffer and returns the number of bytes, 0 at the end. Called on the thread that writes.
    public let give: (UnsafeMutableRawBufferPointer) throws -> Int

    public init(_ path: RemotePath, give: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.path = path
        self.give = give
    }

    public init(_ path: RemotePath, bytes: [UInt8]) {
        var rest = bytes[...]
        self.init(path) { buffer in
            let piece = rest.prefix(buffer.count)
            buffer.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            return piece.count
        }
    }
}
