internal import CSeccomp
internal import Exchange
internal import Foundation
internal import Validation

/// One end of the socket between daemon and worker: messages, each with its length before it and open files beside it.
///
/// Used by one thread at a time. Owns its descriptor.
final class FrameSocket: Sendable {
    let descriptor: Int32
    /// A longer message ends the conversation.
    private let limit: Int
    private static let lengthSize = 4

    /// The conversation is over: the other end has gone, or does not keep to the form.
    struct Ended: Error, CustomStringConvertible {
        let sentence: String

        var description: String { sentence }
    }

    /// The other end had gone before the first byte: it knows nothing of the message.
    struct NotSent: Error, CustomStringConvertible {
        let description: String
    }

    init(owning descriptor: Int32, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
    }

    deinit { close(descriptor) }

    /// - Parameter files: at most two; they go with the first byte.
    /// - Parameter whileWaiting: called whenever the socket's time has passed, and between two pieces: who is slow on
    ///   purpose never lets it pass. May throw to give up.
    /// - Throws: `NotSent` when nothing went out, `Ended` when a part did.
    func send(
        _ message: [UInt8], files: [ReadableFile] = [], whileWaiting: () throws -> Void = {}
    ) throws {
        guard let length = UInt32(exactly: message.count) else {
            throw Ended(sentence: "a message is too long")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(FrameSocket.lengthSize + message.count)
        withUnsafeBytes(of: length.littleEndian) { bytes.append(contentsOf: $0) }
        bytes += message
        var descriptors = files.map(\.descriptor)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                ecluse_send(
                    descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, descriptors,
                    Int32(descriptors.count))
            }
            if count < 0, sent == 0, errno == EPIPE || errno == ECONNRESET {
                throw NotSent(description: String(cString: strerror(errno)))
            }
            guard try proceeds(count, whileWaiting) else { continue }
            sent += count
            descriptors = []
            if sent < bytes.count { try whileWaiting() }
        }
        withExtendedLifetime(files) {}
    }

    /// Waits for a message; nil at the end of the conversation.
    ///
    /// - Parameter files: how many may come with it; others end the conversation.
    func receive(
        files allowed: Int = 0, whileWaiting: () throws -> Void = {}
    ) throws -> (message: [UInt8], files: [ReadableFile])? {
        var files: [ReadableFile] = []
        guard let head = try read(FrameSocket.lengthSize, &files, allowed, whileWaiting) else { return nil }
        let length = head.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else { throw Ended(sentence: "a message of \(length) bytes came") }
        guard let message = try read(length, &files, allowed, whileWaiting) else {
            throw Ended(sentence: "a message was cut off")
        }
        return (message, files)
    }

    /// So many bytes; nil when there is none of them.
    private func read(
        _ count: Int, _ files: inout [ReadableFile], _ allowed: Int, _ whileWaiting: () throws -> Void
    ) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        var descriptors = [Int32](repeating: -1, count: Int(ecluse_descriptors_at_most))
        while filled < count {
            var came: Int32 = 0
            let got = bytes.withUnsafeMutableBytes { room in
                let place = room.baseAddress.map { $0 + filled }
                guard allowed > 0 else { return ecluse_receive(descriptor, place, count - filled, nil, nil) }
                return ecluse_receive(descriptor, place, count - filled, &descriptors, &came)
            }
            guard try proceeds(got, whileWaiting) else { continue }
            files += descriptors.prefix(Int(came)).map { ReadableFile(owning: $0) }
            guard files.count <= allowed else { throw Ended(sentence: "a message came with too many files") }
            if got == 0 {
                guard filled == 0 else { throw Ended(sentence: "a message was cut off") }
                return nil
            }
            filled += got
            if filled < count { try whileWaiting() }
        }
        return bytes
    }

    /// False when the call is to be made again.
    private func proceeds(_ result: Int, _ whileWaiting: () throws -> Void) throws -> Bool {
        if result >= 0 { return true }
        switch errno {
        case EINTR: return false
        case EAGAIN: try whileWaiting()
        default: throw Ended(sentence: String(cString: strerror(errno)))
        }
        return false
    }
}
