internal import Foundation

/// The one document in a zipped answer (CO, domain 1.5): stored or deflated, not encrypted, found by the directory at the
/// end of the archive (APPNOTE.TXT 4.3). Its name there is not looked at, and its size there is not believed.
struct ZippedDocument {
    /// Why there is no such document to be had; to be put into a sentence.
    struct Fault: Error {
        let clause: String
    }

    /// Bytes; no answer is as large (domain 2.3).
    static let largest: UInt64 = 1 << 30
    /// Bytes of the record at the end, with the longest comment behind it.
    private static let longestEnd: UInt64 = 22 + 65_535
    private static let pieceSize: UInt64 = 262_144

    private let archive: FileHandle
    private let start: UInt64
    private let length: UInt64
    private let isPacked: Bool

    /// - Throws: `Fault`, and what reading a file throws.
    init(at path: String) throws {
        guard let archive = FileHandle(forReadingAtPath: path) else { throw LocalFault.system(path) }
        let size = try archive.seekToEnd()
        let tail = try archive.bytes(
            at: size - min(size, ZippedDocument.longestEnd), ZippedDocument.longestEnd)
        let end = stride(from: tail.count - 22, through: 0, by: -1).first {
            tail.number(4, at: $0) == 0x0605_4B50 && tail.number(2, at: $0 + 20) == tail.count - $0 - 22
        }
        guard let end, tail.number(2, at: end + 10) == 1 else {
            throw Fault(clause: "it is no ZIP archive of exactly one file")
        }
        let entry = try archive.bytes(at: UInt64(tail.number(4, at: end + 16)), 46)
        guard entry.count == 46, entry.number(4, at: 0) == 0x0201_4B50 else {
            throw Fault(clause: "its directory is damaged")
        }
        let (flags, method) = (entry.number(2, at: 8), entry.number(2, at: 10))
        guard flags & 1 == 0, method == 0 || method == 8 else {
            throw Fault(clause: "what is in it is encrypted, or packed in another way than deflate")
        }
        let place = UInt64(entry.number(4, at: 42))
        let head = try archive.bytes(at: place, 30)
        guard head.count == 30, head.number(4, at: 0) == 0x0403_4B50 else {
            throw Fault(clause: "its directory is damaged")
        }
        self.archive = archive
        start = place + 30 + UInt64(head.number(2, at: 26) + head.number(2, at: 28))
        length = UInt64(entry.number(4, at: 20))
        isPacked = method == 8
    }

    /// Hands the bytes of the document to `take`, from the beginning.
    ///
    /// - Parameter limit: bytes; more end it with a fault.
    func unpack(
        atMost limit: UInt64 = largest, take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let inflater = Inflater()
        var unpacked: UInt64 = 0
        func hand(_ piece: UnsafeRawBufferPointer) throws {
            unpacked += UInt64(piece.count)
            guard unpacked <= limit else { throw Fault(clause: "what is in it has more than \(limit) bytes") }
            try take(piece)
        }
        var left = length
        try archive.seek(toOffset: start)
        while left > 0 {
            let piece = try archive.read(upToCount: Int(min(left, ZippedDocument.pieceSize))) ?? Data()
            guard !piece.isEmpty else { throw Fault(clause: "it is cut off") }
            left -= UInt64(piece.count)
            try piece.withUnsafeBytes { isPacked ? try inflater.unpack($0, take: hand) : try hand($0) }
        }
    }
}

extension FileHandle {
    /// Fewer bytes at the end of the file.
    fileprivate func bytes(at offset: UInt64, _ count: UInt64) throws -> [UInt8] {
        try seek(toOffset: offset)
        return Array(try read(upToCount: Int(count)) ?? Data())
    }
}

extension [UInt8] {
    /// A number of so many bytes, the lowest first.
    fileprivate func number(_ count: Int, at offset: Int) -> Int {
        self[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
