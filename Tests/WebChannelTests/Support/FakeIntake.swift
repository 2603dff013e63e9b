import Exchange
import Foundation
import Synchronization

/// Sets handed over whole, held in memory, with the rules of the contract.
final class FakeIntake: SetIntake {
    struct Options: Sendable {
        /// Bytes one file may have.
        var largest: UInt64 = 100_000_000
        /// Files one set may have.
        var mostFiles = 1000
        /// Seconds until something new is wanted.
        var pause: TimeInterval = 0
        /// What `begin` throws.
        var beginFault: HomeFault?
        /// What `write` throws.
        var writeFault: HomeFault?
        /// What sealing fails with.
        var sealFault: HomeFault?
    }

    struct Sealed: Sendable {
        let consignment: FakeConsignment
        let name: FileName
        let hasTrigger: Bool
        let mark: HandoverMark?
    }

    private struct State {
        var options = Options()
        var counter: Int64 = 1
        var open: [Ticket: FakeConsignment] = [:]
        var sealed: [Ticket: Sealed] = [:]
        var handovers: [HandoverMark: Handover] = [:]
    }

    private let state = Mutex(State())

    var options: Options {
        get { state.withLock { $0.options } }
        set { state.withLock { $0.options = newValue } }
    }

    // What tests look at.
    var sealed: [Sealed] {
        state.withLock { $0.sealed.values.sorted { $0.consignment.ticket < $1.consignment.ticket } }
    }
    /// Begun, neither sealed nor discarded.
    var open: [FakeConsignment] { state.withLock { $0.open.values.sorted { $0.ticket < $1.ticket } } }

    /// As after a restart: sets without note are gone.
    func restart() {
        state.withLock { state in state.open = state.open.filter { $0.value.note != nil } }
    }

    // The contract.
    func pause(of sender: SenderNumber) -> TimeInterval { options.pause }

    func begin(
        from sender: SenderNumber, over channel: ChannelKind, in mailbox: Mailbox, note: [UInt8]?
    ) throws(HomeFault) -> any Consignment {
        if let fault = options.beginFault { throw fault }
        return state.withLock { state in
            let ticket = Ticket(.set, counter: state.counter)
            state.counter += 1
            let consignment = FakeConsignment(
                intake: self, ticket: ticket, sender: sender, channel: channel, mailbox: mailbox, note: note)
            state.open[ticket] = consignment
            return consignment
        }
    }

    func consignment(_ ticket: Ticket, of sender: SenderNumber) throws(HomeFault) -> any Consignment {
        let found = state.withLock { $0.open[ticket] }
        guard let found, found.sender == sender, found.note != nil else { throw .noSuchFile }
        return found
    }

    func handedOver(_ mark: HandoverMark) throws(HomeFault) -> Handover? {
        state.withLock { $0.handovers[mark] }
    }

    func forget(_ mark: HandoverMark) throws(HomeFault) {
        state.withLock { $0.handovers[mark] = nil }
    }

    fileprivate func seal(
        _ consignment: FakeConsignment, as name: FileName, hasTrigger: Bool,
        mark: (HandoverMark, fingerprint: Digest)?
    ) -> Result<Void, HomeFault> {
        state.withLock { state in
            if let fault = state.options.sealFault { return .failure(fault) }
            guard state.open[consignment.ticket] != nil else { return .failure(.superseded) }
            if let mark, state.handovers[mark.0] != nil { return .failure(.alreadyExists) }
            if let mark {
                state.handovers[mark.0] = Handover(
                    ticket: consignment.ticket, fingerprint: mark.fingerprint, at: Date())
            }
            state.open[consignment.ticket] = nil
            state.sealed[consignment.ticket] = Sealed(
                consignment: consignment, name: name, hasTrigger: hasTrigger, mark: mark?.0)
            return .success(())
        }
    }

    fileprivate func discard(_ ticket: Ticket) {
        state.withLock { $0.open[ticket] = nil }
    }
}

final class FakeConsignment: Consignment {
    fileprivate struct State {
        var files: [FileName: [UInt8]] = [:]
        var owners: [FileName: Int] = [:]
        var lastOwner = 0
        var note: [UInt8]?
        var isSealed = false
    }

    let ticket: Ticket
    let sender: SenderNumber
    let channel: ChannelKind
    let mailbox: Mailbox
    let begunAt = Date()
    fileprivate let intake: FakeIntake
    fileprivate let state: Mutex<State>

    init(
        intake: FakeIntake, ticket: Ticket, sender: SenderNumber, channel: ChannelKind, mailbox: Mailbox,
        note: [UInt8]?
    ) {
        self.intake = intake
        self.ticket = ticket
        self.sender = sender
        self.channel = channel
        self.mailbox = mailbox
        state = Mutex(State(note: note))
    }

    /// What was written under this name.
    func bytes(_ name: String) -> [UInt8]? {
        FileName(name).flatMap { name in state.withLock { $0.files[name] } }
    }

    var note: [UInt8]? { state.withLock { $0.note } }

    func replaceNote(_ note: [UInt8]) throws(HomeFault) {
        state.withLock { $0.note = note }
    }

    func files() throws(HomeFault) -> [HomeEntry] {
        state.withLock { state in
            state.files.map { HomeEntry(name: $0.key, size: UInt64($0.value.count), modifiedAt: begunAt) }
                .sorted { $0.name.escaped < $1.name.escaped }
        }
    }

    func upload(_ name: FileName, mode: UploadMode) throws(HomeFault) -> any Upload {
        let most = intake.options.mostFiles
        let outcome: Result<Int, HomeFault> = state.withLock { state in
            guard !state.isSealed else { return .failure(.superseded) }
            if mode == .replace(exclusively: true), state.files[name] != nil {
                return .failure(.alreadyExists)
            }
            guard state.files[name] != nil || state.files.count < most else { return .failure(.tooManyFiles) }
            if mode != .resume { state.files[name] = [] }
            state.files[name, default: []] += []
            state.lastOwner += 1
            state.owners[name] = state.lastOwner
            return .success(state.lastOwner)
        }
        return FakePartUpload(consignment: self, name: name, owner: try outcome.get())
    }

    func download(_ name: FileName) throws(HomeFault) -> any Download {
        guard let bytes = state.withLock({ $0.files[name] }) else { throw .noSuchFile }
        return FakeDownload(bytes: bytes)
    }

    func remove(_ name: FileName) throws(HomeFault) {
        guard state.withLock({ $0.files.removeValue(forKey: name) }) != nil else { throw .noSuchFile }
    }

    func seal(
        as name: FileName, hasTrigger: Bool, mark: (HandoverMark, fingerprint: Digest)?,
        completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void
    ) {
        let outcome = intake.seal(self, as: name, hasTrigger: hasTrigger, mark: mark)
        if case .success = outcome { state.withLock { $0.isSealed = true } }
        DispatchQueue.global().async { completion(outcome) }
    }

    func discard() { intake.discard(ticket) }
}

private struct FakePartUpload: Upload {
    let consignment: FakeConsignment
    let name: FileName
    let owner: Int

    var size: UInt64 { consignment.state.withLock { UInt64($0.files[name]?.count ?? 0) } }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(HomeFault) {
        let options = consignment.intake.options
        if let fault = options.writeFault { throw fault }
        guard offset <= options.largest, UInt64(bytes.count) <= options.largest - offset else {
            throw .tooLarge
        }
        let isWritten = consignment.state.withLock { state in
            guard !state.isSealed, state.owners[name] == owner, let count = state.files[name]?.count,
                offset <= UInt64(count)
            else { return false }
            let start = Int(offset)
            state.files[name]?.replaceSubrange(start..<min(count, start + bytes.count), with: bytes)
            return true
        }
        guard isWritten else { throw .superseded }
    }

    func resize(to size: UInt64) throws(HomeFault) {
        guard size <= consignment.intake.options.largest else { throw .tooLarge }
        consignment.state.withLock { state in
            let bytes = state.files[name] ?? []
            state.files[name] =
                Array(bytes.prefix(Int(size))) + Array(repeating: 0, count: max(0, Int(size) - bytes.count))
        }
    }

    func sync(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void) {
        DispatchQueue.global().async { completion(.success(())) }
    }

    func close(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void) {
        let isOwn = consignment.state.withLock { !$0.isSealed && $0.owners[name] == owner }
        DispatchQueue.global().async { completion(isOwn ? .success(()) : .failure(.superseded)) }
    }

    func abandon() {}
}

struct FakeDownload: Download {
    let bytes: [UInt8]

    var size: UInt64 { UInt64(bytes.count) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(HomeFault) -> Int {
        guard offset < UInt64(bytes.count) else { return 0 }
        let part = bytes[Int(offset)..<min(bytes.count, Int(offset) + buffer.count)]
        buffer.copyBytes(from: part)
        return part.count
    }

    func close() {}
}
