import Exchange
import Glibc

@testable import Channels

/// A server that answers as a test tells it, in memory. Requests are read by the decoder of our own server.
final class SFTPScriptedWire: SFTPWire {
    /// Answers one request with any bytes.
    private let answer: (UInt32, SFTPRequest) -> [UInt8]
    private var reader = SFTPPacketReader()
    private var waiting: [[UInt8]] = []
    /// Answers are held back until nothing else moves, then come with the last first.
    private let reverses: Bool
    private(set) var requests: [SFTPRequest] = []
    private(set) var isClosed = false
    /// Microseconds before something comes.
    var hold: UInt32?

    init(
        extensions: [String] = [SFTPExtension.posixRename, SFTPExtension.fsync], reverses: Bool = false,
        _ answer: @escaping (UInt32, SFTPRequest) -> [UInt8]
    ) {
        self.answer = answer
        self.reverses = reverses
        waiting = [reply { $0.version(extensions: extensions) }]
    }

    func send(_ bytes: RawSpan) throws(RemoteFault) -> Int {
        bytes.withUnsafeBytes { reader.append($0) }
        while true {
            var packet: [UInt8] = []
            let isWhole = try? reader.takePacket { bytes in
                packet = Array(bytes)
                return true
            }
            guard isWhole == true else { break }
            let incoming = packet.withUnsafeBytes { SFTPIncoming(packet: $0) }
            guard case .request(let id, let request) = incoming else { continue }
            requests.append(request)
            waiting.append(answer(id, request))
        }
        return bytes.byteCount
    }

    private var isIdle = false

    func receive(_ take: (UnsafeRawBufferPointer) -> Void) throws(RemoteFault) -> Bool {
        guard !waiting.isEmpty, !(reverses || hold != nil) || isIdle else { return false }
        isIdle = false
        let bytes = (reverses ? waiting.reversed() : waiting).flatMap { $0 }
        waiting = []
        bytes.withUnsafeBytes(take)
        return true
    }

    func wait(before deadline: ContinuousClock.Instant?) throws(RemoteFault) {
        if let hold {
            usleep(hold)
            guard deadline.map({ ContinuousClock.now < $0 }) ?? true else {
                throw RemoteFault(.timedOut, "too slow")
            }
        }
        guard !waiting.isEmpty else { throw RemoteFault(.timedOut, "the script has no more") }
        isIdle = true
    }

    func close() { isClosed = true }
}

/// One reply, as our own server encodes it.
func reply(_ write: (inout SFTPReplyWriter) -> Void) -> [UInt8] {
    var writer = SFTPReplyWriter()
    write(&writer)
    return writer.bytes
}

func status(_ id: UInt32, _ code: UInt32, _ words: String = "") -> [UInt8] {
    SFTPTestPacket(101, id).adding(code).adding(words).adding("en").framed
}

extension SFTPRequest {
    var isClose: Bool {
        if case .close = self { true } else { false }
    }

    var opened: String? {
        guard case .open(let path, _, _) = self else { return nil }
        return String(decoding: path, as: UTF8.self)
    }
}

func files(
    _ wire: SFTPScriptedWire, entriesAtMost: Int = 1000, patience: Duration = .seconds(60)
) throws -> SFTPFiles {
    try SFTPFiles(over: wire, entriesAtMost: entriesAtMost, syncs: true, patience: patience)
}
