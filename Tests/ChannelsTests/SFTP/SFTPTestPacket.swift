@testable import Channels

/// A request as a client encodes it, without its length.
struct SFTPTestPacket {
    var bytes: [UInt8]

    init(_ type: UInt8, _ id: UInt32? = nil) {
        bytes = [type]
        if let id { append(id) }
    }

    func adding(_ value: UInt32) -> SFTPTestPacket { with { $0.append(value) } }

    func adding(_ value: UInt64) -> SFTPTestPacket {
        with {
            $0.append(UInt32(truncatingIfNeeded: value >> 32))
            $0.append(UInt32(truncatingIfNeeded: value))
        }
    }

    func adding(_ string: [UInt8]) -> SFTPTestPacket {
        with {
            $0.append(UInt32(string.count))
            $0.bytes += string
        }
    }

    func adding(_ string: String) -> SFTPTestPacket { adding(Array(string.utf8)) }

    /// With the length before it, as it goes over the wire.
    var framed: [UInt8] {
        var packet = SFTPTestPacket(0)
        packet.bytes = []
        packet.append(UInt32(bytes.count))
        return packet.bytes + bytes
    }

    static let initialise = SFTPTestPacket(1).adding(UInt32(3))

    static func open(_ id: UInt32, _ path: String, _ flags: UInt32) -> SFTPTestPacket {
        SFTPTestPacket(3, id).adding(path).adding(flags).adding(UInt32(0))
    }

    static func close(_ id: UInt32, _ handle: UInt32) -> SFTPTestPacket {
        SFTPTestPacket(4, id).handle(handle)
    }

    static func read(_ id: UInt32, _ handle: UInt32, _ offset: UInt64, _ length: UInt32) -> SFTPTestPacket {
        SFTPTestPacket(5, id).handle(handle).adding(offset).adding(length)
    }

    static func write(_ id: UInt32, _ handle: UInt32, _ offset: UInt64, _ bytes: [UInt8]) -> SFTPTestPacket {
        SFTPTestPacket(6, id).handle(handle).adding(offset).adding(bytes)
    }

    static func path(_ type: UInt8, _ id: UInt32, _ path: String) -> SFTPTestPacket {
        SFTPTestPacket(type, id).adding(path)
    }

    func handle(_ handle: UInt32) -> SFTPTestPacket { adding(UInt32(4)).adding(handle) }

    private func with(_ change: (inout SFTPTestPacket) -> Void) -> SFTPTestPacket {
        var copy = self
        change(&copy)
        return copy
    }

    private mutating func append(_ value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}

/// A reply as a client decodes it.
enum SFTPTestReply: Equatable {
    case version(UInt32, [String])
    case status(id: UInt32, code: UInt32, message: String)
    case handle(id: UInt32, UInt32)
    case data(id: UInt32, [UInt8])
    case names(id: UInt32, [String], long: [String])
    case attributes(id: UInt32, SFTPAttributes)
    case extended(id: UInt32, [UInt8])
    case other

    init(_ packet: [UInt8]) {
        self = packet.withUnsafeBytes { bytes in (try? SFTPTestReply(fields: bytes)) ?? .other }
    }

    private init(fields bytes: UnsafeRawBufferPointer) throws {
        var fields = SFTPFieldReader(bytes)
        let type = try fields.byte()
        let id = try fields.uint32()
        switch type {
        case 2:
            var names: [String] = []
            while fields.remaining > 0 {
                names.append(String(decoding: try fields.string(), as: UTF8.self))
                _ = try fields.string()
            }
            self = .version(id, names)
        case 101:
            let code = try fields.uint32()
            self = .status(id: id, code: code, message: String(decoding: try fields.string(), as: UTF8.self))
        case 102: self = .handle(id: id, try fields.string().reduce(0) { $0 << 8 | UInt32($1) })
        case 103: self = .data(id: id, try fields.string())
        case 104:
            var names: [String] = []
            var long: [String] = []
            for _ in 0..<(try fields.uint32()) {
                names.append(String(decoding: try fields.string(), as: UTF8.self))
                long.append(String(decoding: try fields.string(), as: UTF8.self))
                _ = try SFTPAttributes(from: &fields)
            }
            self = .names(id: id, names, long: long)
        case 105: self = .attributes(id: id, try SFTPAttributes(from: &fields))
        case 201: self = .extended(id: id, Array(bytes[fields.position...]))
        default: self = .other
        }
    }

    /// The code of a status, nil of anything else.
    var code: UInt32? {
        guard case .status(_, let code, _) = self else { return nil }
        return code
    }

    var message: String? {
        guard case .status(_, _, let message) = self else { return nil }
        return message
    }

    var handle: UInt32? {
        guard case .handle(_, let handle) = self else { return nil }
        return handle
    }
}
