/// The part of a file that is asked for with `Range` (RFC 9110 section 14.1.2).
enum ByteRange: Hashable, Sendable {
    /// No range, more than one, or none that can be understood: the whole file is sent.
    case whole
    case part(Range<UInt64>)
    case unsatisfiable

    /// - Parameter size: bytes the file has.
    init(_ field: String?, of size: UInt64) {
        self = field.flatMap { ByteRange.parse($0, size) } ?? .whole
    }

    private static func parse(_ field: String, _ size: UInt64) -> ByteRange? {
        let unit = "bytes="
        guard field.lowercased().hasPrefix(unit) else { return nil }
        let ends = field.dropFirst(unit.count).split(separator: "-", omittingEmptySubsequences: false).map(
            \.trimmed)
        guard ends.count == 2 else { return nil }
        if ends[0].isEmpty {
            guard let suffix = UInt64(digits: String(ends[1])) else { return nil }
            return suffix == 0 || size == 0 ? .unsatisfiable : .part((size - min(size, suffix))..<size)
        }
        guard let first = UInt64(digits: String(ends[0])) else { return nil }
        guard !ends[1].isEmpty else { return first < size ? .part(first..<size) : .unsatisfiable }
        guard let last = UInt64(digits: String(ends[1])), last >= first else { return nil }
        return first < size ? .part(first..<(min(last, size - 1) + 1)) : .unsatisfiable
    }
}
