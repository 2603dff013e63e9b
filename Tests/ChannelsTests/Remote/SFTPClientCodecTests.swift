import TestServers
import Testing

@testable import Channels

@Suite struct SFTPClientCodecTests {
    private static let queries: [(SFTPQuery, SFTPRequest)] = [
        (
            .open(path: [0x61], access: [.write, .create]),
            .open(path: [0x61], access: [.write, .create], attributes: SFTPAttributes())
        ),
        (.close(handle: [0, 0, 0, 7]), .close(handle: 7)),
        (
            .read(handle: [0, 0, 0, 7], offset: 1 << 40, length: 5),
            .read(handle: 7, offset: 1 << 40, length: 5)
        ),
        (
            .write(handle: [0, 0, 0, 7], offset: 9, bytes: [1, 2, 3][1...]),
            .write(handle: 7, offset: 9, payload: 25..<27)
        ),
        (.openDirectory(path: [0xFF]), .openDirectory(path: [0xFF])),
        (.readDirectory(handle: [0, 0, 0, 7]), .readDirectory(handle: 7)),
        (.status(path: [0x61]), .status(path: [0x61])),
        (.remove(path: [0x61]), .remove(path: [0x61])),
        (.makeDirectory(path: [0x61]), .makeDirectory(path: [0x61])),
        (.rename(from: [0x61], to: [0x62]), .rename(from: [0x61], to: [0x62], replacing: false)),
        (.replace(from: [0x61], to: [0x62]), .rename(from: [0x61], to: [0x62], replacing: true)),
        (.sync(handle: [0, 0, 0, 7]), .sync(handle: 7)),
    ]

    @Test func `our server understands every request of our client`() throws {
        var writer = SFTPQueryWriter()
        writer.initialise()
        for (number, query) in Self.queries.enumerated() { writer.append(query.0, id: UInt32(number)) }
        var reader = SFTPPacketReader()
        let sent = writer.send { span in
            span.withUnsafeBytes { reader.append($0) }
            return span.byteCount
        }
        #expect(sent > 0)
        #expect(writer.count == 0)
        var read: [SFTPIncoming] = []
        while try reader.takePacket({ packet in
            read.append(SFTPIncoming(packet: packet))
            return true
        }) != nil {}
        #expect(read.first == .initialise(version: 3))
        #expect(read.dropFirst() == Self.queries.enumerated().map { .request(id: UInt32($0), $1.1) }[...])
    }

    @Test func `what is sent in pieces is the same`() {
        var whole = SFTPQueryWriter()
        whole.append(.remove(path: Array(repeating: 0x61, count: 50)), id: 1)
        var pieces = whole
        var all: [UInt8] = []
        var gathered: [UInt8] = []
        _ = whole.send { span in
            all = span.withUnsafeBytes { Array($0) }
            return span.byteCount
        }
        while pieces.count > 0 {
            _ = pieces.send { span in
                gathered += span.withUnsafeBytes { Array($0.prefix(7)) }
                return min(7, span.byteCount)
            }
        }
        #expect(gathered == all)
    }

    private static func read(_ packet: [UInt8]) throws -> SFTPReply {
        try packet.withUnsafeBytes { bytes in try SFTPReply.read(bytes).reply }
    }

    private static let name = SFTPTestPacket(104, 1).adding(UInt32(1)).adding("n").adding("-rw n")
        .adding(UInt32(0xF)).adding(UInt64(1)).adding(UInt32(0)).adding(UInt32(0)).adding(UInt32(0o100600))
        .adding(UInt32(1)).adding(UInt32(2))

    @Test(arguments: [
        SFTPTestPacket(101, 1).adding(UInt32(4)).adding("no").adding("en"),
        SFTPTestPacket(102, 1).adding("handle"),
        SFTPTestPacket(103, 1).adding("data"),
        name,
        SFTPTestPacket(105, 1).adding(UInt32(1)).adding(UInt64(5)),
    ])
    func `a reply cut off anywhere is garbled`(_ packet: SFTPTestPacket) throws {
        _ = try Self.read(packet.bytes)
        // The language of a status is not read, and its words may be missing.
        let whole = packet.bytes[0] == 101 ? packet.bytes.count - 6 : packet.bytes.count
        for length in 0..<whole where !(packet.bytes[0] == 101 && length == 9) {
            #expect(throws: SFTPReply.Garbled()) { try Self.read(Array(packet.bytes.prefix(length))) }
        }
    }

    @Test func `a status without words is a status`() throws {
        #expect(
            try Self.read(SFTPTestPacket(101, 1).adding(UInt32(2)).bytes)
                == .status(SFTPStatus(code: 2, words: [])))
    }

    @Test func `a name is read with its attributes`() throws {
        guard case .names(let names) = try Self.read(Self.name.bytes) else {
            Issue.record("not names")
            return
        }
        #expect(names.map(\.name) == [[0x6E]])
        #expect(names[0].letter == UInt8(ascii: "-"))
        #expect(names[0].attributes.size == 1)
        #expect(names[0].attributes.times?.modification == 2)
    }

    @Test(arguments: [
        SFTPTestPacket(102, 1).adding([UInt8](repeating: 1, count: 257)),
        SFTPTestPacket(104, 1).adding(UInt32(1)).adding([UInt8](repeating: 1, count: 1025)).adding("l")
            .adding(UInt32(0)),
        SFTPTestPacket(104, 1).adding(UInt32.max),
        SFTPTestPacket(201, 1), SFTPTestPacket(2, 3), SFTPTestPacket(5, 1), SFTPTestPacket(0),
    ])
    func `a reply beyond measure or of no known type is garbled`(_ packet: SFTPTestPacket) {
        #expect(throws: SFTPReply.Garbled()) { try Self.read(packet.bytes) }
    }

    @Test func `random bytes never trap`() {
        var random = SeededGenerator(seed: 7)
        var garbled = 0
        for _ in 0..<20_000 {
            var packet = pattern(Int.random(in: 0...64, using: &random), seed: random.next())
            if !packet.isEmpty { packet[0] = UInt8.random(in: 100...106, using: &random) }
            do { _ = try Self.read(packet) } catch { garbled += 1 }
            packet.withUnsafeBytes { _ = SFTPGreeting($0) }
        }
        #expect(garbled > 0)
    }
}
