internal import Glibc

/// Stands between the bytes of a document and the parser: what passes is strict UTF-8 without NUL, whatever
/// the encoding, so that the parser never converts or guesses one.
///
/// One value serves one document; pieces come in order and may cut a character.
struct CharacterScreen {
    /// The first thing in a piece that may not pass.
    enum Fault: Error {
        case nul, notInEncoding
    }

    private let encoding: DocumentEncoding
    /// Continuation bytes still due of a UTF-8 character, and the range the next one must lie in (RFC 3629).
    private var due = 0
    private var range: ClosedRange<UInt8> = 0x80...0xBF
    private var converted: [UInt8] = []

    init(_ encoding: DocumentEncoding) { self.encoding = encoding }

    /// True when the bytes so far end inside a character.
    var isInsideCharacter: Bool { due > 0 }

    /// Gives `body` as much of `piece` as is good, as UTF-8, and then says what follows it, if anything is
    /// bad.
    mutating func pass(_ piece: UnsafeRawBufferPointer, to body: (UnsafeRawBufferPointer) -> Void) -> Fault? {
        let (count, fault) = goodPrefix(of: piece)
        let good = UnsafeRawBufferPointer(rebasing: piece[..<count])
        switch encoding {
        case .utf8, .ascii:
            body(good)
        case .latin1, .latin9:
            convert(good)
            converted.withUnsafeBytes(body)
        }
        return fault
    }

    private mutating func goodPrefix(of piece: UnsafeRawBufferPointer) -> (count: Int, fault: Fault?) {
        guard let start = piece.baseAddress else { return (0, nil) }
        var count = piece.count
        var fault: Fault?
        if let nul = memchr(start, 0, count) {
            count = UnsafeRawPointer(nul) - start
            fault = .nul
        }
        let candidate = UnsafeRawBufferPointer(rebasing: piece[..<count])
        let bad =
            switch encoding {
            case .utf8: firstNotUTF8(in: candidate)
            case .ascii: candidate.firstIndex { $0 >= 0x80 }
            case .latin1, .latin9: Int?.none
            }
        if let bad { return (bad, .notInEncoding) }
        return (count, fault)
    }

    /// The index of the first byte that no UTF-8 has at its place.
    private mutating func firstNotUTF8(in piece: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        while index < piece.count {
            if due == 0 {
                index = CharacterScreen.skipASCII(in: piece, from: index)
                guard index < piece.count else { return nil }
                guard begin(piece[index]) else { return index }
            } else {
                guard range.contains(piece[index]) else { return index }
                range = 0x80...0xBF
                due -= 1
            }
            index += 1
        }
        return nil
    }

    private static func skipASCII(in piece: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 8 <= piece.count,
            piece.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            index += 8
        }
        while index < piece.count, piece[index] < 0x80 { index += 1 }
        return index
    }

    /// Notes what must follow the first byte of a character of several bytes; false when none begins with it.
    private mutating func begin(_ byte: UInt8) -> Bool {
        range = 0x80...0xBF
        switch byte {
        case 0xC2...0xDF: due = 1
        case 0xE0: (due, range) = (2, 0xA0...0xBF)
        case 0xED: (due, range) = (2, 0x80...0x9F)
        case 0xE1...0xEF: due = 2
        case 0xF0: (due, range) = (3, 0x90...0xBF)
        case 0xF4: (due, range) = (3, 0x80...0x8F)
        case 0xF1...0xF3: due = 3
        default: return false
        }
        return true
    }

    private mutating func convert(_ piece: UnsafeRawBufferPointer) {
        converted.removeAll(keepingCapacity: true)
        converted.reserveCapacity(piece.count)
        for byte in piece {
            if byte < 0x80 {
                converted.append(byte)
            } else {
                let scalar = encoding == .latin9 ? CharacterScreen.latin9(byte) : Unicode.Scalar(byte)
                converted.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }

    /// ISO 8859-15 differs from ISO 8859-1 in eight places.
    private static func latin9(_ byte: UInt8) -> Unicode.Scalar {
        switch byte {
        case 0xA4: "\u{20AC}"
        case 0xA6: "\u{160}"
        case 0xA8: "\u{161}"
        case 0xB4: "\u{17D}"
        case 0xB8: "\u{17E}"
        case 0xBC: "\u{152}"
        case 0xBD: "\u{153}"
        case 0xBE: "\u{178}"
        default: Unicode.Scalar(byte)
        }
    }
}
