internal import Exchange
internal import Glibc

/// The digests of a payload, taken in one pass over its file with flat memory.
struct PayloadDigests {
    /// SHA-256 of the raw bytes.
    let raw: Digest
    /// The digest asked for, over the form asked for.
    let form: [UInt8]

    private static let pieceSize = 262_144

    /// - Throws: `.diskFault` when the file cannot be read to its end.
    init(path: String, kind: DigestKind, form: VerifiedSignature.Form) throws(Deferral) {
        let file = try ReadableFile(path: path)
        let raw = StreamDigest(.sha256)
        // The same digest over the same bytes is not taken twice.
        let isOne = form == .raw && kind == .sha256
        let other = StreamDigest(kind)
        var lineEnds = LineEndConverter()
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: PayloadDigests.pieceSize, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try file.read(into: buffer)
            guard count > 0 else { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            raw.update(piece)
            switch form {
            case .raw where isOne: break
            case .raw: other.update(piece)
            case .crlf: lineEnds.convert(piece) { other.update($0) }
            }
        }
        let digest = raw.finish()
        let second = other.finish()
        guard let value = Digest(digest) else { preconditionFailure("a SHA-256 of other than 32 bytes") }
        self.raw = value
        self.form = isOne ? digest : second
    }

    /// The digest of bytes in memory.
    static func digest(of bytes: [UInt8], kind: DigestKind, form: VerifiedSignature.Form) -> [UInt8] {
        guard form == .crlf else { return kind.digest(bytes) }
        let digest = StreamDigest(kind)
        var lineEnds = LineEndConverter()
        bytes.withUnsafeBytes { lineEnds.convert($0) { digest.update($0) } }
        return digest.finish()
    }
}

/// Makes every LF that does not follow a CR into CR LF, over pieces of a stream.
struct LineEndConverter {
    private var endsInCR = false
    private var converted: [UInt8] = []

    mutating func convert(_ piece: UnsafeRawBufferPointer, into consume: (UnsafeRawBufferPointer) -> Void) {
        converted.removeAll(keepingCapacity: true)
        converted.reserveCapacity(piece.count + piece.count / 16)
        for byte in piece {
            if byte == 0x0A, !endsInCR { converted.append(0x0D) }
            converted.append(byte)
            endsInCR = byte == 0x0D
        }
        converted.withUnsafeBytes(consume)
    }
}

/// A regular file opened for reading; the one owner of its descriptor.
struct ReadableFile: ~Copyable {
    private let descriptor: Int32

    init(path: String) throws(Deferral) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ReadableFile.fault("opening") }
    }

    deinit { _ = close(descriptor) }

    /// Fills the buffer as far as one read goes; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Deferral) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw ReadableFile.fault("reading") }
        }
    }

    /// All bytes, but no more than `limit`; one more than that when the file is longer.
    static func bytes(at path: String, limit: Int) throws(Deferral) -> [UInt8] {
        let file = try ReadableFile(path: path)
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
        defer { buffer.deallocate() }
        while bytes.count <= limit {
            let count = try file.read(into: buffer)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return Array(bytes.prefix(limit + 1))
    }

    private static func fault(_ verb: String) -> Deferral {
        Deferral(
            .diskFault,
            "A file of the set is unreadable: \(verb) it failed with \(String(cString: strerror(errno))).")
    }
}
