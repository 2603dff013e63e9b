/// The body of a request, as pieces in their order. It is read when it is sent, from the disk and in small steps, and
/// again from the beginning when the connection has to be made anew.
public struct HTTPSBody: Sendable {
    /// Bytes that follow each other in the body.
    public enum Piece: Sendable {
        /// From memory.
        case bytes([UInt8])
        /// `length` bytes of a file from `offset` on. A file that has fewer ends the request.
        case file(path: String, offset: UInt64 = 0, length: UInt64)
    }

    public let pieces: [Piece]

    public init(_ pieces: [Piece]) {
        self.pieces = pieces
    }

    public static func bytes(_ bytes: [UInt8]) -> HTTPSBody {
        HTTPSBody([.bytes(bytes)])
    }

    /// In bytes.
    public var length: UInt64 {
        pieces.reduce(0) { length, piece in
            switch piece {
            case .bytes(let bytes): length + UInt64(bytes.count)
            case .file(_, _, let more): length + more
            }
        }
    }
}
