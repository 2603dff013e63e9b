import Testing

@testable import Channels

@Suite struct SFTPPacketReaderTests {
    @Test func `packets come out whole, however the bytes come in`() throws {
        let stream: [UInt8] = [0, 0, 0, 2, 7, 8, 0, 0, 0, 1, 9]
        var reader = SFTPPacketReader()
        var packets: [[UInt8]] = []
        for byte in stream {
            [byte].withUnsafeBytes { reader.append($0) }
            _ = try reader.takePacket {
                packets.append(Array($0)); return true
            }
        }
        #expect(packets == [[7, 8], [9]])
        #expect(reader.count == 0)
    }

    @Test func `a packet that is not taken is offered again`() throws {
        var reader = SFTPPacketReader()
        [UInt8]([0, 0, 0, 1, 5]).withUnsafeBytes { reader.append($0) }
        #expect(try reader.takePacket { _ in false } == false)
        #expect(try reader.takePacket { $0.elementsEqual([5]) } == true)
        #expect(try reader.takePacket { _ in true } == nil)
    }

    @Test(arguments: [UInt32(0), UInt32(256 * 1024 + 1025), .max])
    func `a length of nothing or too much is a fault`(length: UInt32) {
        var reader = SFTPPacketReader()
        withUnsafeBytes(of: length.bigEndian) { reader.append($0) }
        #expect(throws: SFTPPacketReader.Fault(length: length)) { try reader.takePacket { _ in true } }
    }

    @Test func `the longest packet passes`() throws {
        var reader = SFTPPacketReader()
        let longest = SFTPPacketReader.longest
        withUnsafeBytes(of: UInt32(longest).bigEndian) { reader.append($0) }
        [UInt8](repeating: 1, count: longest).withUnsafeBytes { reader.append($0) }
        #expect(try reader.takePacket { $0.count == longest } == true)
        reader.trim()
        #expect(reader.count == 0)
    }
}
