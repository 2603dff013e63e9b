internal import COpenSSL
internal import Exchange

/// A document's bytes, read once from start to end in pieces of `pieceSize`, and their SHA-256.
///
/// Owns the digest context and the buffer. A piece is valid until the next call of `next`.
struct DocumentSource: ~Copyable {
    static let pieceSize = 64 * 1024

    private let file: ReadableFile
    private let hash: OpaquePointer
    private let buffer: UnsafeMutableRawBufferPointer
    /// Bytes read so far.
    private(set) var size: Int64 = 0

    private init(_ file: ReadableFile, owning hash: OpaquePointer) {
        self.file = file
        self.hash = hash
        buffer = .allocate(byteCount: DocumentSource.pieceSize, alignment: 16)
    }

    deinit {
        EVP_MD_CTX_free(hash)
        buffer.deallocate()
    }

    static func make(_ file: ReadableFile) throws(Deferral) -> DocumentSource {
        guard let hash = EVP_MD_CTX_new() else { throw Deferral(.unknown, "no memory for a digest") }
        let source = DocumentSource(file, owning: hash)
        guard EVP_DigestInit_ex(hash, EVP_sha256(), nil) == 1 else { throw digestFault() }
        return source
    }

    /// The next piece, full unless it is the last; empty at the end.
    mutating func next() throws(Deferral) -> UnsafeRawBufferPointer {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let got = try file.read(into: rest, at: size + Int64(count))
            if got == 0 { break }
            count += got
        }
        let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        guard EVP_DigestUpdate(hash, piece.baseAddress, count) == 1 else {
            throw DocumentSource.digestFault()
        }
        size += Int64(count)
        return piece
    }

    /// The digest of everything read. Ends the reading.
    consuming func digest() throws(Deferral) -> Digest {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_DigestFinal_ex(hash, &bytes, &count) == 1, let digest = Digest(bytes.prefix(Int(count)))
        else {
            throw DocumentSource.digestFault()
        }
        return digest
    }

    private static func digestFault() -> Deferral {
        ERR_clear_error()
        return Deferral(.unknown, "the SHA-256 of a document cannot be computed")
    }
}
