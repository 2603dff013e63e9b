/// Takes choices and values out of an input.
struct Bytes {
    private(set) var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    /// 0 when nothing is left.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type) -> Value {
        (0..<Value.bitWidth / 8).reduce(0) { value, _ in value << 8 | Value(truncatingIfNeeded: byte()) }
    }

    /// At most 255 bytes.
    mutating func string() -> [UInt8] {
        let count = Int(byte())
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

extension [UInt8] {
    /// In pieces of so many bytes, at least one.
    func pieces(of size: Int) -> [[UInt8]] {
        stride(from: 0, to: count, by: Swift.max(1, size)).map {
            Array(self[$0..<Swift.min($0 + Swift.max(1, size), count)])
        }
    }

    func contains(_ word: [UInt8]) -> Bool {
        guard let first = word.first, count >= word.count else { return word.isEmpty }
        return indices.dropLast(word.count - 1).contains {
            self[$0] == first && self[$0..<$0 + word.count].elementsEqual(word)
        }
    }
}
