internal import Exchange
internal import Synchronization

internal import struct Crypto.SHA256

/// Reads the files of one request into a consignment, a piece at a time, holding no more than that piece. Its calls
/// write to the spool and may wait for the disk; they come one after the other.
final class SetReception: Sendable {
    /// The files of a request that was read to its end.
    struct Whole: Sendable {
        /// Nil when nothing was to be kept.
        let consignment: (any Consignment)?
        let name: FileName
        let fingerprint: Digest
    }

    private struct OpenPart {
        let name: FileName
        /// Nil for a GO, and when nothing is kept.
        let upload: (any Upload)?
        let isTrigger: Bool
        var size: UInt64 = 0
        var hasher = SHA256()
    }

    private struct State {
        var parser: MultipartParser
        var composition = SetComposition()
        var consignment: (any Consignment)?
        var part: OpenPart?
        var digests: [FileName: Digest] = [:]
    }

    private let exchange: WebExchange
    private let caller: WebCaller
    private let isKept: Bool
    private let state: Mutex<State>

    /// - Parameter isKept: false when the files are read for their fingerprint only.
    init(_ exchange: WebExchange, from caller: WebCaller, boundary: MultipartBoundary, isKept: Bool) {
        self.exchange = exchange
        self.caller = caller
        self.isKept = isKept
        state = Mutex(State(parser: MultipartParser(boundary)))
    }

    /// The uploads that ended in this piece, to be closed before the set is sealed.
    func take(_ bytes: [UInt8]) throws -> [any Upload] {
        try state.withLock { state in
            var ended: [any Upload] = []
            for event in try state.parser.read(bytes) {
                switch event {
                case .begin(let part): try begin(part.name, &state)
                case .bytes(let slice): try write(slice, &state)
                case .end: if let upload = end(&state) { ended.append(upload) }
                }
            }
            return ended
        }
    }

    /// To be called when the body has ended and every upload is closed.
    func finish() throws -> Whole {
        try state.withLock { state in
            try state.parser.finish()
            let name = try state.composition.sealName()
            return Whole(
                consignment: state.consignment, name: name,
                fingerprint: HandoverFingerprint(name: name, parts: state.digests).digest)
        }
    }

    /// Throws away what was kept. Harmless when repeated.
    func discard() {
        state.withLock { state in
            state.part?.upload?.abandon()
            state.part = nil
            state.consignment?.discard()
            state.consignment = nil
        }
    }

    private func begin(_ name: FileName, _ state: inout State) throws {
        let role = try state.composition.add(name)
        if state.consignment == nil, let set = state.composition.set {
            try exchange.require(.send, of: caller, for: set.purpose)
            if isKept {
                state.consignment = try exchange.intake.begin(
                    from: caller.sender, over: .web, in: set.environment.mailbox, note: nil)
            }
        }
        let upload =
            role == .part ? try state.consignment?.upload(name, mode: .replace(exclusively: true)) : nil
        state.part = OpenPart(name: name, upload: upload, isTrigger: role == .trigger)
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ state: inout State) throws {
        guard var part = state.part, !part.isTrigger else { return }
        state.part = nil
        defer { state.part = part }
        try bytes.withUnsafeBytes { buffer in
            try part.upload?.write(buffer, at: part.size)
            part.hasher.update(bufferPointer: buffer)
        }
        part.size += UInt64(bytes.count)
    }

    private func end(_ state: inout State) -> (any Upload)? {
        defer { state.part = nil }
        guard let part = state.part, !part.isTrigger else { return nil }
        state.digests[part.name] = Digest(part.hasher.finalize())
        return part.upload
    }
}
