import Exchange
import TestServers
import Testing

@testable import Channels

@Suite struct SFTPCodecTests {
    static let requests: [(SFTPTestPacket, SFTPRequest)] = [
        (
            .open(9, "/IN/a", 0x1A),
            .open(path: Array("/IN/a".utf8), access: [.write, .create, .truncate], attributes: .init())
        ),
        (.close(9, 5), .close(handle: 5)),
        (.read(9, 5, 1 << 40, 77), .read(handle: 5, offset: 1 << 40, length: 77)),
        (.write(9, 5, 3, [1, 2, 3]), .write(handle: 5, offset: 3, payload: 25..<28)),
        (.path(7, 9, "x"), .linkStatus(path: [0x78])),
        (SFTPTestPacket(8, 9).handle(5), .handleStatus(handle: 5)),
        (
            SFTPTestPacket(9, 9).adding("x").adding(UInt32(1)).adding(UInt64(7)),
            .setStatus(path: [0x78], attributes: .init(size: 7))
        ),
        (SFTPTestPacket(10, 9).handle(5).adding(UInt32(0)), .setHandleStatus(handle: 5, attributes: .init())),
        (.path(11, 9, "x"), .openDirectory(path: [0x78])),
        (SFTPTestPacket(12, 9).handle(5), .readDirectory(handle: 5)),
        (.path(13, 9, "x"), .remove(path: [0x78])),
        (SFTPTestPacket(14, 9).adding("x").adding(UInt32(0)), .makeDirectory(path: [0x78])),
        (.path(15, 9, "x"), .removeDirectory(path: [0x78])),
        (.path(16, 9, "."), .realPath(path: [0x2E])),
        (.path(17, 9, "x"), .status(path: [0x78])),
        (SFTPTestPacket(18, 9).adding("x").adding("y"), .rename(from: [0x78], to: [0x79], replacing: false)),
        (.path(19, 9, "x"), .link),
        (SFTPTestPacket(20, 9).adding("x").adding("y"), .link),
        (
            SFTPTestPacket(200, 9).adding("posix-rename@openssh.com").adding("x").adding("y"),
            .rename(from: [0x78], to: [0x79], replacing: true)
        ),
        (SFTPTestPacket(200, 9).adding("fsync@openssh.com").handle(5), .sync(handle: 5)),
        (SFTPTestPacket(200, 9).adding("limits@openssh.com"), .limits),
        (SFTPTestPacket(200, 9).adding("statvfs@openssh.com").adding("/"), .unknown),
        (SFTPTestPacket(99, 9), .unknown),
    ]

    @Test(arguments: requests.indices)
    func `a request is read as it was written`(index: Int) {
        let (packet, request) = SFTPCodecTests.requests[index]
        #expect(decoded(packet.bytes) == .request(id: 9, request))
    }

    @Test(arguments: requests.indices)
    func `a request that is cut off is refused, never a trap`(index: Int) {
        let (packet, request) = SFTPCodecTests.requests[index]
        for count in 0..<packet.bytes.count {
            switch decoded(Array(packet.bytes.prefix(count))) {
            case .broken: #expect(count < 5)
            case .malformed(let id): #expect(id == 9 && count >= 5)
            case .request(_, let other):
                #expect(other == .link || request == .unknown, "\(count) bytes of \(request)")
            case .initialise: Issue.record("became an INIT")
            }
        }
    }

    @Test func `attributes of every kind are read, and written as they were`() throws {
        let bytes = SFTPTestPacket(9, 9).adding("x").adding(UInt32(0x8000_000F)).adding(UInt64(1))
            .adding(UInt32(2)).adding(UInt32(3)).adding(UInt32(4)).adding(UInt32(5)).adding(UInt32(6))
            .adding(UInt32(1)).adding("name").adding("value").bytes
        var expected = SFTPAttributes(size: 1)
        expected.owner = (2, 3)
        expected.permissions = 4
        expected.times = (5, 6)
        #expect(decoded(bytes) == .request(id: 9, .setStatus(path: [0x78], attributes: expected)))
        var writer = SFTPReplyWriter()
        writer.attributes(9, expected)
        #expect(SFTPTestReply(Array(writer.take(leaving: []).dropFirst(4))) == .attributes(id: 9, expected))
    }

    @Test func `a count of extended attributes beyond the packet ends at once`() {
        let bytes = SFTPTestPacket(9, 9).adding("x").adding(UInt32(0x8000_0000)).adding(UInt32.max).bytes
        #expect(decoded(bytes) == .malformed(id: 9))
    }

    @Test func `a handle that is not four bytes is nobody's`() {
        let packet = SFTPTestPacket(4, 9).adding([UInt8](repeating: 1, count: 5))
        #expect(decoded(packet.bytes) == .request(id: 9, .close(handle: 0)))
    }

    @Test func `random bytes are answered or end the session, and never trap`() {
        var generator = SeededGenerator(seed: 8022)
        for _ in 0..<200 {
            let talk = SFTPTestTalk()
            talk.home.put([1, 2, 3], "a", in: .incoming)
            _ = talk.open("/IN/a", 1)
            for _ in 0..<100 {
                let packet = randomPacket(&generator)
                _ = talk.offer(packet)
                _ = talk.replies()
            }
            talk.conversation.end()
        }
    }

    @Test func `a changed byte or a cut in a stream never traps`() {
        var generator = SeededGenerator(seed: 6400)
        let stream = SFTPCodecTests.requests.flatMap { $0.0.framed }
        for _ in 0..<5_000 {
            var changed = stream
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                changed[Int.random(in: changed.indices, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            changed.removeLast(Int.random(in: 0..<changed.count, using: &generator))
            let talk = SFTPTestTalk()
            var reader = SFTPPacketReader()
            changed.withUnsafeBytes { reader.append($0) }
            while let isTaken = try? reader.takePacket({ talk.conversation.receive($0) == .taken }), isTaken {
            }
        }
    }

    private func randomPacket(_ generator: inout SeededGenerator) -> SFTPTestPacket {
        var packet = SFTPTestPacket(UInt8.random(in: 0...22, using: &generator))
        if Bool.random(using: &generator) {
            packet = SFTPTestPacket(packet.bytes[0], 7).adding("/IN/a")
        }
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            packet.bytes.append(
                UInt8.random(in: 0...(Bool.random(using: &generator) ? 4 : 255), using: &generator))
        }
        return packet
    }

    private func decoded(_ bytes: [UInt8]) -> SFTPIncoming {
        bytes.withUnsafeBytes { SFTPIncoming(packet: $0) }
    }
}
