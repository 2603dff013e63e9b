internal import Exchange

/// The digests of a payload, taken in one pass over its file with flat memory.
struct PayloadDigests {
    /// SHA-256 of the raw bytes.
    let raw: Digest
    /// The digest asked for, over the form asked for.
    let form: [UInt8]

    private static let pieceSize = 262_144

    /// - Throws: `.diskFault` when the file cannot be read to its end.
    init(_ file: ReadableFile, kind: DigestKind, form: VerifiedSignature.Form) throws(Deferral) {
        let raw = StreamDigest(.sha256)
        // The same digest over the same bytes is not taken twice.
        let isOne = form == .raw && kind == .sha256
        let other = StreamDigest(kind)
        var lineEnds = LineEndConverter()
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: PayloadDigests.pieceSize, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while true {
            let count = try file.read(into: buffer, at: offset)
            guard count > 0 else { break }
            offset += Int64(count)
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
