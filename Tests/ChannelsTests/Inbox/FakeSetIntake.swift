import Exchange
import Foundation
import Synchronization

/// Sets handed over whole, in memory: what a restart of an inbox finds again.
final class FakeSetIntake: SetIntake {
    struct Sealed {
        let ticket: Ticket
        let sender: SenderNumber
        let channel: ChannelKind
        let mailbox: Mailbox
        let name: String
        let hasTrigger: Bool
        let files: [String: [UInt8]]
    }

    enum Fate {
        case fine
        /// Fails without effect.
        case fails(HomeFault)
        /// Has its effect, and no word of it comes back.
        case isCutOff
    }

    /// A structure, because a function in a `Mutex` is wrapped once more with every access.
    private struct Trouble {
        let judge: @Sendable (String) -> Fate
    }

    struct State {
        var sealed: [Sealed] = []
        var marks: [HandoverMark: Handover] = [:]
        var lastTicket: Int64 = 0
        var open = 0
        var pauses: [SenderNumber: TimeInterval] = [:]
    }

    let state = Mutex(State())
    /// Bytes one file may have.
    let largest = Mutex(UInt64.max)
    private let trouble = Mutex(Trouble { _ in .fine })

    /// `begin`, `ask`, `forget`, `upload`, `write`, `close`, `seal`.
    func fail(_ trouble: @escaping @Sendable (String) -> Fate) {
        self.trouble.withLock { $0 = Trouble(judge: trouble) }
    }

    var sealed: [Sealed] { state.withLock { $0.sealed } }
    var marks: [String] { state.withLock { $0.marks.keys.map(\.text).sorted() } }

    func call<Value>(
        _ kind: String, _ effect: () throws(HomeFault) -> Value
    ) throws(HomeFault) -> Value {
        switch trouble.withLock({ $0 }).judge(kind) {
        case .fine: return try effect()
        case .fails(let fault): throw fault
        case .isCutOff:
            _ = try effect()
            throw .failed("cut off")
        }
    }

    func pause(of sender: SenderNumber) -> TimeInterval { state.withLock { $0.pauses[sender, default: 0] } }

    func begin(
        from sender: SenderNumber, over channel: ChannelKind, in mailbox: Mailbox, note: [UInt8]?
    ) throws(HomeFault) -> any Consignment {
        try call("begin") { () throws(HomeFault) in
            let number = state.withLock { state -> Int64 in
                state.lastTicket += 1
                state.open += 1
                return state.lastTicket
            }
            return FakeConsignment(
                ticket: Ticket(.set, counter: number), sender: sender, channel: channel, mailbox: mailbox,
                intake: self)
        }
    }

    func consignment(_ ticket: Ticket, of sender: SenderNumber) throws(HomeFault) -> any Consignment {
        throw .noSuchFile
    }

    func handedOver(_ mark: HandoverMark) throws(HomeFault) -> Handover? {
        try call("ask") { () throws(HomeFault) in state.withLock { $0.marks[mark] } }
    }

    func forget(_ mark: HandoverMark) throws(HomeFault) {
        try call("forget") { () throws(HomeFault) in state.withLock { $0.marks[mark] = nil } }
    }
}

final class FakeConsignment: Consignment {
    let ticket: Ticket
    let sender: SenderNumber
    let channel: ChannelKind
    let mailbox: Mailbox
    let begunAt = Date()
    let note: [UInt8]? = nil
    let intake: FakeSetIntake
    let content = Mutex<[FileName: [UInt8]]>([:])
    private let isOver = Mutex(false)

    init(
        ticket: Ticket, sender: SenderNumber, channel: ChannelKind, mailbox: Mailbox, intake: FakeSetIntake
    ) {
        self.ticket = ticket
        self.sender = sender
        self.channel = channel
        self.mailbox = mailbox
        self.intake = intake
    }

    func replaceNote(_ note: [UInt8]) throws(HomeFault) { throw .notAllowed }

    func files() throws(HomeFault) -> [HomeEntry] {
        content.withLock { content in
            content.map { HomeEntry(name: $0.key, size: UInt64($0.value.count), modifiedAt: begunAt) }
        }
    }

    func upload(_ name: FileName, mode: UploadMode) throws(HomeFault) -> any Upload {
        try intake.call("upload") { () throws(HomeFault) in
            content.withLock { $0[name] = [] }
            return FakePartUpload(name: name, consignment: self)
        }
    }

    func download(_ name: FileName) throws(HomeFault) -> any Download { throw .noSuchFile }

    func remove(_ name: FileName) throws(HomeFault) { throw .noSuchFile }

    func seal(
        as name: FileName, hasTrigger: Bool, mark: (HandoverMark, fingerprint: Digest)?,
        completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void
    ) {
        let files = content.withLock { $0 }
        let outcome = Result { () throws(HomeFault) in
            try intake.call("seal") { () throws(HomeFault) in
                try intake.state.withLock { state throws(HomeFault) in
                    if let mark {
                        guard state.marks[mark.0] == nil else { throw .alreadyExists }
                        state.marks[mark.0] = Handover(
                            ticket: ticket, fingerprint: mark.fingerprint, at: Date())
                    }
                    state.sealed.append(
                        FakeSetIntake.Sealed(
                            ticket: ticket, sender: sender, channel: channel, mailbox: mailbox,
                            name: name.escaped, hasTrigger: hasTrigger,
                            files: Dictionary(uniqueKeysWithValues: files.map { ($0.key.escaped, $0.value) }))
                    )
                    state.open -= 1
                }
            }
        }
        if case .success = outcome { isOver.withLock { $0 = true } }
        DispatchQueue.global().async { completion(outcome) }
    }

    func discard() {
        let wasOpen = isOver.withLock { isOver in
            defer { isOver = true }
            return !isOver
        }
        if wasOpen { intake.state.withLock { $0.open -= 1 } }
    }
}

struct FakePartUpload: Upload {
    let name: FileName
    let consignment: FakeConsignment

    var size: UInt64 { consignment.content.withLock { UInt64($0[name]?.count ?? 0) } }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(HomeFault) {
        try consignment.intake.call("write") { () throws(HomeFault) in
            guard offset + UInt64(bytes.count) <= consignment.intake.largest.withLock({ $0 }) else {
                throw .tooLarge
            }
            guard offset == size else { throw .failed("a gap") }
            consignment.content.withLock { $0[name, default: []] += bytes }
        }
    }

    func resize(to size: UInt64) throws(HomeFault) { throw .notAllowed }

    func sync(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void) {
        completion(.success(()))
    }

    func close(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void) {
        completion(
            Result { () throws(HomeFault) in try consignment.intake.call("close") { () throws(HomeFault) in }
            })
    }

    func abandon() {}
}
