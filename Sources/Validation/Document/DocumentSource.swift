internal import COpenSSL
internal import Exchange
internal import Glibc

/// A document's bytes, read once from start to end in pieces of `pieceSize`, and their SHA-256.
///
/// Owns the descriptor, the digest context and the buffer. A piece is valid until the next call of `next`.
struct DocumentSource: ~Copyable {
    static let pieceSize = 64 * 1024

    private let descriptor: Int32
    private let hash: OpaquePointer
    private let buffer: UnsafeMutableRawBufferPointer
    /// Bytes read so far.
    private(set) var size: Int64 = 0

    private init(owning descriptor: Int32, hash: OpaquePointer) {
        self.descriptor = descriptor
        self.hash = hash
        buffer = .allocate(byteCount: DocumentSource.pieceSize, alignment: 16)
    }

    deinit {
        close(descriptor)
        EVP_MD_CTX_free(hash)
        buffer.deallocate()
    }

    /// Opens a regular file of ours for reading.
    static func open(_ path: String) throws(Deferral) -> DocumentSource {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw diskFault("open") }
        guard let hash = EVP_MD_CTX_new() else {
            close(descriptor)
            throw Deferral(.unknown, "no memory for a digest")
        }
        let source = DocumentSource(owning: descriptor, hash: hash)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw diskFault("inspect") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Deferral(.diskFault, "a document to judge is not a regular file")
        }
        guard EVP_DigestInit_ex(hash, EVP_sha256(), nil) == 1 else { throw digestFault() }
        return source
    }

    /// The next piece, full unless it is the last; empty at the end.
    mutating func next() throws(Deferral) -> UnsafeRawBufferPointer {
        var count = 0
        while count < buffer.count {
            let got = read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw DocumentSource.diskFault("read") }
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

    private static func diskFault(_ action: String) -> Deferral {
        Deferral(.diskFault, "cannot \(action) a document to judge: " + String(cString: strerror(errno)))
    }

    private static func digestFault() -> Deferral {
        ERR_clear_error()
        return Deferral(.unknown, "the SHA-256 of a document cannot be computed")
    }
}
