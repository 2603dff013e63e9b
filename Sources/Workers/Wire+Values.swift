internal import Exchange
internal import Foundation

extension Int64: Wired {
    func write(to wire: inout WireWriter) { wire.write(number: UInt64(bitPattern: self)) }
    init(from wire: inout WireReader) throws { self.init(bitPattern: try wire.number()) }
}

extension Int: Wired {
    func write(to wire: inout WireWriter) { wire.write(Int64(self)) }
    init(from wire: inout WireReader) throws { self.init(try wire.read(Int64.self)) }
}

extension Bool: Wired {
    func write(to wire: inout WireWriter) { wire.write(self ? 1 : 0) }
    init(from wire: inout WireReader) throws {
        self = try wire.read { (number: Int) in [0: false, 1: true][number] }
    }
}

/// Of 4,096 bytes at the most.
extension String: Wired {
    func write(to wire: inout WireWriter) { wire.write(counted: utf8) }
    init(from wire: inout WireReader) throws { self = try wire.text(atMost: 4096) }
}

/// Since the reference date of Foundation, in seconds; finite.
extension Date: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(number: timeIntervalSinceReferenceDate.bitPattern)
    }

    init(from wire: inout WireReader) throws {
        let seconds = Double(bitPattern: try wire.number())
        guard seconds.isFinite else { throw WireFault() }
        self.init(timeIntervalSinceReferenceDate: seconds)
    }
}

extension Data: Wired {
    func write(to wire: inout WireWriter) { wire.write(counted: self) }
    init(from wire: inout WireReader) throws { self.init(try wire.counted()) }
}

extension Array: Wired where Element: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(count)
        for element in self { wire.write(element) }
    }

    init(from wire: inout WireReader) throws {
        self.init()
        for _ in 0..<(try wire.count()) { append(try wire.read()) }
    }
}

extension Optional: Wired where Wrapped: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(self != nil)
        if let self { wire.write(self) }
    }

    init(from wire: inout WireReader) throws {
        self = try wire.read(Bool.self) ? try wire.read(Wrapped.self) : nil
    }
}

/// Keys have 256 bytes at the most.
extension Dictionary: Wired where Key == String, Value: Wired {
    func write(to wire: inout WireWriter) {
        wire.write(count)
        for (key, value) in self {
            wire.write(key)
            wire.write(value)
        }
    }

    init(from wire: inout WireReader) throws {
        self.init()
        for _ in 0..<(try wire.count()) {
            let key = try wire.text(atMost: 256)
            guard updateValue(try wire.read(), forKey: key) == nil else { throw WireFault() }
        }
    }
}

extension Wired where Self: RawRepresentable, RawValue: Wired {
    func write(to wire: inout WireWriter) { wire.write(rawValue) }
    init(from wire: inout WireReader) throws { self = try wire.read(of: Self.init(rawValue:)) }
}

extension Digest: Wired {
    func write(to wire: inout WireWriter) { wire.write(Data(bytes)) }
    init(from wire: inout WireReader) throws { self = try wire.read { (bytes: Data) in Digest(bytes) } }
}

extension FileName: Wired {
    func write(to wire: inout WireWriter) { wire.write(Data(bytes)) }
    init(from wire: inout WireReader) throws { self = try wire.read { (bytes: Data) in FileName(bytes) } }
}

extension Purpose: Wired {
    func write(to wire: inout WireWriter) { wire.write(description) }
    init(from wire: inout WireReader) throws { self = try wire.read { (text: String) in Purpose(text) } }
}
