import Exchange
import Foundation
import Synchronization

/// Homes held in memory, with the rules of the contract that channels rely on: the newest upload owns a file,
/// and the closing of a GO seals whatever has its stem.
final class FakeIntake: Intake {
    private let homes = Mutex<[SenderNumber: FakeHome]>([:])
    let options: FakeHome.Options

    init(_ options: FakeHome.Options = .init()) {
        self.options = options
    }

    func home(of sender: SenderNumber, over channel: ChannelKind) throws(HomeFault) -> any SenderHome {
        home(of: sender)
    }

    func home(of sender: SenderNumber) -> FakeHome {
        homes.withLock { homes in
            if let home = homes[sender] { return home }
            let home = FakeHome(options)
            homes[sender] = home
            return home
        }
    }
}

final class FakeHome: SenderHome {
    struct Options: Sendable {
        /// Seconds until the closing of a GO, a sync or a rename is answered; nil answers at once.
        var delay: TimeInterval?
        var largest: UInt64 = .max
        init() {}
    }

    struct Place: Hashable {
        let mailbox: Mailbox
        let name: FileName

        var isTrigger: Bool { name.escaped.hasPrefix("GO.") && !name.escaped.hasSuffix(".filepart") }
    }

    struct File {
        var bytes: [UInt8]
        var owner: Int
        var modifiedAt = Date()
    }

    struct State {
        var files: [Place: File] = [:]
        var sealed: [Place: [UInt8]] = [:]
        var lastOwner = 0
        var closed: [String] = []
        var abandoned: [String] = []
        var syncs = 0
        /// When something new is wanted.
        var pauseEnd = Date.distantPast

        mutating func seal(by trigger: Place) {
            let stem = trigger.name.escaped.dropFirst(2)
            for (other, file) in files
            where other.mailbox == trigger.mailbox && other.name.escaped.dropFirst(2).hasPrefix(stem) {
                sealed[other] = file.bytes
                files[other] = nil
            }
        }
    }

    let options: Options
    let state = Mutex(State())

    init(_ options: Options = .init()) {
        self.options = options
    }

    // What tests look at.
    func put(_ bytes: some Sequence<UInt8>, _ name: String, in mailbox: Mailbox) {
        guard let name = FileName(name) else { return }
        state.withLock { $0.files[Place(mailbox: mailbox, name: name)] = File(bytes: Array(bytes), owner: 0) }
    }

    func bytes(_ name: String, in mailbox: Mailbox) -> [UInt8]? {
        guard let name = FileName(name) else { return nil }
        return state.withLock { $0.files[Place(mailbox: mailbox, name: name)]?.bytes }
    }

    func sealedBytes(_ name: String, in mailbox: Mailbox) -> [UInt8]? {
        guard let name = FileName(name) else { return nil }
        return state.withLock { $0.sealed[Place(mailbox: mailbox, name: name)] }
    }

    var closed: [String] { state.withLock { $0.closed } }
    var abandoned: [String] { state.withLock { $0.abandoned } }
    var syncs: Int { state.withLock { $0.syncs } }

    /// Nothing new is wanted until then.
    func pause(until end: Date) { state.withLock { $0.pauseEnd = end } }

    // The contract.
    var pause: TimeInterval { max(0, state.withLock { $0.pauseEnd }.timeIntervalSinceNow) }

    func entries(in mailbox: Mailbox) throws(HomeFault) -> [HomeEntry] {
        state.withLock { state in
            state.files.filter { $0.key.mailbox == mailbox }.map {
                HomeEntry(
                    name: $0.key.name, size: UInt64($0.value.bytes.count), modifiedAt: $0.value.modifiedAt)
            }
        }
    }

    func entry(named name: FileName, in mailbox: Mailbox) throws(HomeFault) -> HomeEntry {
        guard let file = state.withLock({ $0.files[Place(mailbox: mailbox, name: name)] }) else {
            throw .noSuchFile
        }
        return HomeEntry(name: name, size: UInt64(file.bytes.count), modifiedAt: file.modifiedAt)
    }

    func upload(_ name: FileName, in mailbox: Mailbox, mode: UploadMode) throws(HomeFault) -> any Upload {
        guard mailbox.takesUploads else { throw .notAllowed }
        let place = Place(mailbox: mailbox, name: name)
        let owner: Int? = state.withLock { state in
            if case .replace(exclusively: true) = mode, state.files[place] != nil { return nil }
            state.lastOwner += 1
            let kept = mode == .resume ? state.files[place]?.bytes ?? [] : []
            state.files[place] = File(bytes: kept, owner: state.lastOwner)
            return state.lastOwner
        }
        guard let owner else { throw .alreadyExists }
        return FakeUpload(home: self, place: place, owner: owner)
    }

    func download(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) -> any Download {
        guard let file = state.withLock({ $0.files[Place(mailbox: mailbox, name: name)] }) else {
            throw .noSuchFile
        }
        return FakeDownload(bytes: file.bytes)
    }

    func rename(
        _ name: FileName, to newName: FileName, in mailbox: Mailbox, replacing: Bool,
        completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void
    ) {
        let target = Place(mailbox: mailbox, name: newName)
        let outcome: Result<Void, HomeFault> = state.withLock { state in
            guard let file = state.files[Place(mailbox: mailbox, name: name)] else {
                return .failure(.noSuchFile)
            }
            guard replacing || state.files[target] == nil else { return .failure(.alreadyExists) }
            state.files[Place(mailbox: mailbox, name: name)] = nil
            state.files[target] = file
            if target.isTrigger { state.seal(by: target) }
            return .success(())
        }
        answer(outcome, completion)
    }

    func remove(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) {
        let isRemoved = state.withLock {
            $0.files.removeValue(forKey: Place(mailbox: mailbox, name: name)) != nil
        }
        guard isRemoved else { throw .noSuchFile }
    }

    func answer(
        _ outcome: Result<Void, HomeFault>,
        _ completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void
    ) {
        guard let delay = options.delay else { return completion(outcome) }
        DispatchQueue.global().asyncAfter(deadline: .now() + delay) { completion(outcome) }
    }
}

struct FakeUpload: Upload {
    let home: FakeHome
    let place: FakeHome.Place
    let owner: Int

    var size: UInt64 { home.state.withLock { UInt64($0.files[place]?.bytes.count ?? 0) } }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(HomeFault) {
        guard offset <= home.options.largest, UInt64(bytes.count) <= home.options.largest - offset else {
            throw .tooLarge
        }
        let isWritten = home.state.withLock { state in
            guard state.files[place]?.owner == owner, let count = state.files[place]?.bytes.count,
                offset <= UInt64(count)
            else { return false }
            let start = Int(offset)
            let end = min(count, start + bytes.count)
            state.files[place]?.bytes.replaceSubrange(start..<end, with: bytes)
            return true
        }
        guard isWritten else { throw .superseded }
    }

    func resize(to size: UInt64) throws(HomeFault) {
        guard size <= home.options.largest, size < 1 << 32 else { throw .tooLarge }
        home.state.withLock { state in
            let count = state.files[place]?.bytes.count ?? 0
            if Int(size) < count {
                state.files[place]?.bytes.removeLast(count - Int(size))
            } else {
                state.files[place]?.bytes.append(contentsOf: repeatElement(0, count: Int(size) - count))
            }
        }
    }

    func sync(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void) {
        home.state.withLock { $0.syncs += 1 }
        home.answer(.success(()), completion)
    }

    func close(completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void) {
        let outcome: Result<Void, HomeFault> = home.state.withLock { state in
            guard state.files[place]?.owner == owner else { return .failure(.superseded) }
            state.closed.append(place.name.escaped)
            guard place.isTrigger else { return .success(()) }
            state.seal(by: place)
            return .success(())
        }
        if place.isTrigger { home.answer(outcome, completion) } else { completion(outcome) }
    }

    func abandon() {
        home.state.withLock { $0.abandoned.append(place.name.escaped) }
    }
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
