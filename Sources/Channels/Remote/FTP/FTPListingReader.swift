/// Gathers the lines of a listing as its bytes come in, and stops at the limits.
struct FTPListingReader {
    struct Limits {
        let entries: Int
        let bytes: Int
    }

    /// Why the listing cannot be had, once that is clear.
    private(set) var fault: RemoteFault?
    /// `read` does not understand what the server lists.
    private(set) var isUnknown = false
    /// It understood an entry.
    private var isUnderstood = false
    private(set) var entries: [RemoteEntry] = []
    private let limits: Limits
    private let read: ([UInt8]) -> FTPLine
    private var bytes = 0
    private var line: [UInt8] = []
    /// Longer than any path a system of today knows, with its facts.
    private static let longestLine = 16_384

    init(_ limits: Limits, _ read: @escaping ([UInt8]) -> FTPLine) {
        self.limits = limits
        self.read = read
    }

    /// False when nothing more is wanted.
    mutating func take(_ more: some Collection<UInt8>) -> Bool {
        bytes += more.count
        guard bytes <= limits.bytes else {
            fault = RemoteFault(.tooMuch, "The listing has more than \(limits.bytes) bytes.")
            return false
        }
        var rest = more[...]
        while let end = rest.firstIndex(of: 0x0A) {
            line += rest[..<end]
            rest = rest[rest.index(after: end)...]
            guard closeLine() else { return false }
        }
        line += rest
        return line.count <= FTPListingReader.longestLine || isGarbled()
    }

    /// After the last byte: a line that nothing ended is one too.
    mutating func finish() { _ = line.isEmpty || closeLine() }

    private mutating func isGarbled() -> Bool {
        fault = RemoteFault(.garbled, "A line of the listing has no end.")
        return false
    }

    private mutating func closeLine() -> Bool {
        defer { line.removeAll(keepingCapacity: true) }
        guard line.count <= FTPListingReader.longestLine else { return isGarbled() }
        if line.last == 0x0D { line.removeLast() }
        var said = read(line)
        // Among lines that are understood: a name with a line break in it, or an entry of some odd kind.
        if isUnderstood, said == .unknown { said = .of(line[...], .other, size: nil, stamp: "") }
        isUnderstood = isUnderstood || said.isOfEntry
        switch said {
        case .nothing, .blank: return true
        case .unknown:
            isUnknown = true
            return false
        case .entry(let entry):
            guard entries.count < limits.entries else {
                fault = RemoteFault(.tooMuch, "The directory has more than \(limits.entries) entries.")
                return false
            }
            entries.append(entry)
            return true
        }
    }
}
