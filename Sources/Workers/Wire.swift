/// What goes over the socket: values one after the other, in the order both ends know. Numbers take eight bytes, the least
/// significant first; texts and lists have their count before them.
///
/// Both ends are one program in one version, so nothing says what a value is.
protocol Wired {
    func write(to wire: inout WireWriter)
    /// - Throws: `WireFault`.
    init(from wire: inout WireReader) throws
}

/// What came ends early, goes on after its end, or holds a value that none of its kind can have.
struct WireFault: Error {}

struct WireWriter {
    private(set) var bytes: [UInt8] = []

    /// The bytes of one value.
    static func bytes(of value: some Wired) -> [UInt8] {
        var wire = WireWriter()
        wire.write(value)
        return wire.bytes
    }

    mutating func write(_ value: some Wired) { value.write(to: &self) }

    mutating func write(number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(counted content: some Collection<UInt8>) {
        write(number: UInt64(content.count))
        bytes.append(contentsOf: content)
    }
}

struct WireReader {
    private var rest: ArraySlice<UInt8>

    /// The one value these bytes are.
    static func value<Value: Wired>(_ type: Value.Type = Value.self, in bytes: [UInt8]) throws -> Value {
        var wire = WireReader(rest: bytes[...])
        let value = try wire.read(Value.self)
        guard wire.rest.isEmpty else { throw WireFault() }
        return value
    }

    mutating func read<Value: Wired>(_ type: Value.Type = Value.self) throws -> Value {
        try Value(from: &self)
    }

    /// A value made of another; nil of what it cannot be made of.
    mutating func read<Source: Wired, Value>(of make: (Source) -> Value?) throws -> Value {
        guard let value = make(try read()) else { throw WireFault() }
        return value
    }

    mutating func number() throws -> UInt64 {
        try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Of values that take a byte each at the least: no more than are left.
    mutating func count() throws -> Int {
        guard let count = Int(exactly: try number()), count <= rest.count else { throw WireFault() }
        return count
    }

    mutating func counted() throws -> ArraySlice<UInt8> { try take(count()) }

    /// A text of so many bytes at the most. Comparing texts costs the square of their length where they are made for that.
    mutating func text(atMost limit: Int) throws -> String {
        let bytes = try counted()
        guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw WireFault()
        }
        return text
    }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw WireFault() }
        defer { rest.removeFirst(count) }
        return rest.prefix(count)
    }
}
