internal import Foundation

/// Reads a multipart body as it comes in, in pieces of any size (RFC 2046 section 5.1, RFC 7578).
///
/// It holds at most one piece and one part's header fields. It does no I/O, knows no clock, and whatever the pieces
/// are cut like, the events are the same but for how the bytes of a file are cut. Lines end with CRLF and nothing
/// else. A boundary at the beginning of a line is a delimiter, whatever follows it.
struct MultipartParser {
    enum Event: Equatable {
        case begin(MultipartPart)
        case bytes(ArraySlice<UInt8>)
        case end
    }

    static let mostParts = 40
    static let mostFields = 20
    static let longestHeader = 8192
    /// Bytes before the first delimiter, which nobody reads.
    static let longestPreamble = 8192
    /// Spaces and tabs a mail gateway may have put after a boundary.
    static let longestPadding = 70

    private enum State: Equatable {
        case preamble
        /// Behind a boundary, where it is decided which delimiter it is.
        case delimiter
        case header(lines: [[UInt8]], size: Int)
        case body
        case epilogue
    }

    private let delimiter: [UInt8]
    private var state = State.preamble
    /// What is not consumed yet. The line end before the first delimiter may be missing, so one is put there.
    private var pending: [UInt8] = [0x0D, 0x0A]
    private var position = 0
    /// Bytes at `position` that belong to a delimiter if one begins there, and to nothing otherwise: the end of the
    /// header.
    private var lineEnd = 0
    private var preamble = 0
    private var parts = 0

    init(_ boundary: MultipartBoundary) {
        delimiter = boundary.delimiter
    }

    /// True behind the closing delimiter: what follows is nobody's.
    var isComplete: Bool { state == .epilogue }

    /// What `bytes` complete. After a fault the body cannot be read any further.
    mutating func read(_ bytes: [UInt8]) throws(MultipartFault) -> [Event] {
        if pending.isEmpty { pending = bytes } else { pending += bytes }
        var events: [Event] = []
        while try advance(&events) {}
        // The events share the storage of `pending`: it is left to them, not changed.
        pending = state == .epilogue ? [] : Array(pending[position...])
        position = 0
        return events
    }

    /// To be called when the body has ended.
    func finish() throws(MultipartFault) {
        guard isComplete else { throw .cutShort }
    }

    /// False when more bytes are needed.
    private mutating func advance(_ events: inout [Event]) throws(MultipartFault) -> Bool {
        switch state {
        case .preamble: try skipPreamble()
        case .delimiter: try endDelimiter()
        case .header(let lines, let size): try readHeader(lines, size, &events)
        case .body: readBody(&events)
        case .epilogue: false
        }
    }

    private mutating func skipPreamble() throws(MultipartFault) -> Bool {
        let (index, isWhole) = nextDelimiter()
        preamble += index - position
        guard preamble <= MultipartParser.longestPreamble else { throw .preamble }
        position = index
        guard isWhole else { return false }
        position += delimiter.count
        state = .delimiter
        return true
    }

    private mutating func endDelimiter() throws(MultipartFault) -> Bool {
        let tail = pending[position...]
        if tail.starts(with: [0x2D, 0x2D]) {
            state = .epilogue
            return true
        }
        let padding = tail.prefix { $0 == 0x20 || $0 == 0x09 }
        let line = tail[padding.endIndex...]
        guard padding.count <= MultipartParser.longestPadding,
            padding.isEmpty ? [0x0D, 0x2D, nil].contains(line.first) : [0x0D, nil].contains(line.first)
        else { throw .delimiter }
        guard line.count >= 2 else { return false }
        guard line.starts(with: [0x0D, 0x0A]) else { throw .delimiter }
        parts += 1
        guard parts <= MultipartParser.mostParts else { throw .partCount }
        position = line.startIndex + 2
        state = .header(lines: [], size: 0)
        return true
    }

    private mutating func readHeader(
        _ lines: [[UInt8]], _ size: Int, _ events: inout [Event]
    ) throws(MultipartFault) -> Bool {
        let line = pending[position...].prefix { $0 != 0x0A }
        guard size + line.count <= MultipartParser.longestHeader else { throw .headerSize }
        guard line.endIndex < pending.endIndex else { return false }
        guard line.last == 0x0D else { throw .header }
        if line.count == 1 {
            events.append(.begin(try MultipartPart(header: lines)))
            state = .body
            lineEnd = 2
            return true
        }
        var lines = lines
        if line.first == 0x20 || line.first == 0x09, let last = lines.popLast() {
            lines.append(last + line.dropLast())
        } else {
            lines.append(Array(line.dropLast()))
        }
        guard lines.count <= MultipartParser.mostFields else { throw .headerSize }
        position = line.endIndex + 1
        state = .header(lines: lines, size: size + line.count + 1)
        return true
    }

    private mutating func readBody(_ events: inout [Event]) -> Bool {
        let (index, isWhole) = nextDelimiter()
        if index > position {
            if index > position + lineEnd { events.append(.bytes(pending[(position + lineEnd)..<index])) }
            position = index
            lineEnd = 0
        }
        guard isWhole else { return false }
        events.append(.end)
        position += delimiter.count
        lineEnd = 0
        state = .delimiter
        return true
    }

    /// Where the next delimiter begins, or may begin once more bytes are there; the end of `pending` when none does.
    private func nextDelimiter() -> (index: Int, isWhole: Bool) {
        pending.withUnsafeBytes { bytes in
            var index = position
            while let base = bytes.baseAddress, index < bytes.count,
                let hit = memchr(base + index, 0x0D, bytes.count - index)
            {
                index = UnsafeRawPointer(hit) - base
                let present = min(delimiter.count, bytes.count - index)
                if memcmp(hit, delimiter, present) == 0 { return (index, present == delimiter.count) }
                index += 1
            }
            return (bytes.count, false)
        }
    }
}
