/// What one line of a directory listing says. The readers of lines are pure, and meant for lines of strangers.
enum FTPLine: Equatable {
    case entry(RemoteEntry)
    /// An entry that is not to be listed: the directory itself, a name that could lead elsewhere.
    case nothing
    /// No entry at all: an empty line, a total.
    case blank
    case unknown

    /// Whether it was written for an entry, listed or not.
    var isOfEntry: Bool { self != .blank && self != .unknown }

    /// A line with a name nobody may use is no entry: empty, `.`, `..`, or with a slash, NUL, CR or LF.
    static func of(
        _ name: ArraySlice<UInt8>, _ kind: RemoteEntry.Kind, size: UInt64?, stamp: String,
        modifiedAt: Double? = nil
    ) -> FTPLine {
        let isDangerous = name.contains { $0 == 0x2F || $0 == 0 || $0 == 0x0A || $0 == 0x0D }
        guard !name.isEmpty, !isDangerous, !name.elementsEqual([0x2E]), !name.elementsEqual([0x2E, 0x2E])
        else { return .nothing }
        return .entry(
            RemoteEntry(
                name: Array(name), kind: kind, size: kind == .file ? size : nil, stamp: stamp,
                modifiedAt: modifiedAt))
    }
}

extension Collection<UInt8> {
    /// The number written in decimal digits and nothing else; nil when it is none or has more than 64 bits.
    var decimal: UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in self {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (tenfold, isTooLong) = value.multipliedReportingOverflow(by: 10)
            let (next, isTooMuch) = tenfold.addingReportingOverflow(UInt64(byte - 0x30))
            guard !isTooLong, !isTooMuch else { return nil }
            value = next
        }
        return value
    }

    /// ASCII in small letters.
    var lowercased: [UInt8] { map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 } }
}

/// A line cut at its spaces, of which several count as one. Remembers where each word ends.
struct FTPWords {
    private(set) var words: [ArraySlice<UInt8>] = []
    private let line: [UInt8]

    /// No more than `limit` words are looked for.
    init(_ line: [UInt8], limit: Int) {
        self.line = line
        var index = 0
        while words.count < limit {
            while index < line.count, line[index] == 0x20 { index += 1 }
            guard index < line.count else { return }
            let start = index
            while index < line.count, line[index] != 0x20 { index += 1 }
            words.append(line[start..<index])
        }
    }

    var count: Int { words.count }

    func text(_ index: Int) -> String { String(decoding: words[index], as: UTF8.self) }

    /// What follows a word and exactly one space.
    func rest(after index: Int) -> ArraySlice<UInt8> { line[words[index].endIndex...].dropFirst() }
}
