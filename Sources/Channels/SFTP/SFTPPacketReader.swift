/// Cuts the byte stream of an SFTP channel into packets: a length of four bytes, then as many bytes
/// (draft-ietf-secsh-filexfer-02, section 3). Knows nothing of what is inside.
///
/// A length of 0 or above `longest` is a fault that ends the session; nothing is allocated on the peer's
/// word. The bytes of a packet are lent, not copied.
struct SFTPPacketReader {
    /// Bytes of a packet at the most: 256 KiB of payload and 1 KiB around it.
    static let longest = 256 * 1024 + 1024

    struct Fault: Error, Hashable {
        let length: UInt32
    }

    private var storage: [UInt8] = []
    private var start = 0

    /// Bytes received and not yet taken.
    var count: Int { storage.count - start }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start == storage.count {
            storage.removeAll(keepingCapacity: true)
            start = 0
        } else if start > SFTPPacketReader.longest {
            storage.removeSubrange(..<start)
            start = 0
        }
        storage.append(contentsOf: bytes)
    }

    /// Lends the next whole packet, without its length, to `body`, and drops it when that returns true.
    /// Returns what `body` returned, nil while no packet is whole. The bytes are valid during the call only.
    mutating func takePacket(_ body: (UnsafeRawBufferPointer) -> Bool) throws(Fault) -> Bool? {
        guard count >= 4 else { return nil }
        let length = storage[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard length > 0, length <= SFTPPacketReader.longest else { throw Fault(length: length) }
        let end = start + 4 + Int(length)
        guard end <= storage.count else { return nil }
        let isTaken = storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start + 4..<end])) }
        if isTaken { start = end }
        return isTaken
    }

    /// Gives memory back when nothing is waiting in it.
    mutating func trim() {
        guard start == storage.count else { return }
        storage = []
        start = 0
    }
}
