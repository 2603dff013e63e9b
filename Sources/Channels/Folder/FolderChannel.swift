public import Exchange
public import Foundation
public import Logging
internal import Synchronization

/// Sets by way of watched directories: `<root>/<sender>/IN` and its five siblings for every active sender with a folder
/// channel, for instance behind another file server.
///
/// A set is handed in when its GO is there, and its files are removed – GO first – only after the spool has it durably.
/// A crash in between hands it in again: an accepted set is then known as the repeat it is, a refused one is refused
/// again. Answers are carried to the OUT directories by temporary name and rename, GO last.
public final class FolderChannel: Sendable {
    private let root: String
    private let interval: TimeInterval
    private let earlyTriggerWait: TimeInterval
    private let incompleteDelay: TimeInterval
    private let directory: any SenderDirectory
    private let intake: any Intake
    private let outbox: any Outbox
    private let logger: Logger
    private let isStopping = Mutex(false)
    private let stopped = DispatchSemaphore(value: 0)
    /// Names nobody can be answered for, told once each.
    private let oddities = Mutex<Set<String>>([])

    public struct Configuration: Sendable {
        /// Made when missing.
        public var root: String
        /// Seconds between two looks.
        public var interval: TimeInterval = 0.5
        /// Seconds a GO without all its files waits for them.
        public var earlyTriggerWait: TimeInterval = 5
        /// Seconds after which files without a GO are handed in all the same, to be answered with 130.
        public var incompleteDelay: TimeInterval = 86_400

        public init(root: String) {
            self.root = root
        }
    }

    public init(
        _ configuration: Configuration, directory: any SenderDirectory, intake: any Intake,
        outbox: any Outbox,
        logger: Logger
    ) {
        root = configuration.root
        interval = configuration.interval
        earlyTriggerWait = configuration.earlyTriggerWait
        incompleteDelay = configuration.incompleteDelay
        self.directory = directory
        self.intake = intake
        self.outbox = outbox
        self.logger = logger
    }

    /// Looks until `stop`; blocks its thread.
    public func run() {
        repeat {
            look()
        } while stopped.wait(timeout: .now() + interval) == .timedOut
    }

    /// Ends `run` after the set in hand.
    public func stop() {
        isStopping.withLock { $0 = true }
        stopped.signal()
    }

    /// One round: hands in what is ready, carries out what is answered.
    func look() {
        for sender in directory.activeSenders(on: .folder) {
            for mailbox in Mailbox.allCases {
                guard !isStopping.withLock({ $0 }) else { return }
                do {
                    let opened = try folder(mailbox, of: sender)
                    if mailbox.takesUploads { try handIn(opened, mailbox, of: sender) }
                } catch {
                    log("folder not read", sender, mailbox, error)
                }
            }
        }
        carryOut()
    }

    /// Opened step by step from the root, so that no link in it leads elsewhere.
    private func folder(_ mailbox: Mailbox, of sender: SenderNumber) throws -> OpenDirectory {
        try OpenDirectory(path: root, making: true)
            .directory(sender.description, making: true)
            .directory(mailbox.rawValue, making: true)
    }

    private func handIn(_ folder: OpenDirectory, _ mailbox: Mailbox, of sender: SenderNumber) throws {
        let names = try folder.names().compactMap { bytes in
            let name = FileName(bytes)
            if name == nil { noteOddity(String(decoding: bytes, as: UTF8.self), mailbox, of: sender) }
            return name
        }.filter { folder.file($0) != nil }
        guard !names.isEmpty else { return }
        let home = try intake.home(of: sender, over: .folder)
        var sets = FolderSet.ready(among: names)
            .filter { $0.isComplete || age(of: $0.files, in: folder) > earlyTriggerWait }
            .map(\.files)
        let taken = Set(sets.joined())
        let left = names.filter {
            !taken.contains($0) && !$0.isTelling && age(of: [$0], in: folder) > incompleteDelay
        }
        sets += left.map { [$0] }
        for files in sets {
            do {
                try handIn(files, from: folder, into: home, mailbox)
            } catch {
                log("files not handed in", sender, mailbox, error)
            }
        }
        if !left.isEmpty { try home.giveUpWaiting(for: left, in: mailbox) }
    }

    /// Seconds since the last of the files was written.
    private func age(of names: [FileName], in folder: OpenDirectory) -> TimeInterval {
        let times = names.compactMap { folder.file($0)?.modifiedAt }
        return times.max().map { Date().timeIntervalSince1970 - $0 } ?? 0
    }

    private func handIn(
        _ names: [FileName], from folder: OpenDirectory, into home: any SenderHome, _ mailbox: Mailbox
    ) throws {
        let seen = names.map { folder.file($0) }
        for name in names {
            try copy(name, from: folder, into: home, mailbox)
        }
        for (name, seen) in zip(names, seen).reversed() {
            // What was replaced meanwhile is another file, to be handed in another time.
            guard let seen, let now = folder.file(name), now == seen else { continue }
            try folder.remove(name)
        }
        try folder.sync()
    }

    private func copy(
        _ name: FileName, from folder: OpenDirectory, into home: any SenderHome, _ mailbox: Mailbox
    ) throws {
        let source = try folder.reading(name)
        defer { close(source) }
        let upload = try home.upload(name, in: mailbox, mode: .replace(exclusively: false))
        do {
            try FileChunks.read(source) { bytes in
                try upload.write(bytes, at: upload.size)
            }
        } catch HomeFault.tooLarge {
            // What fits is kept: the decision answers it with its code.
        } catch {
            upload.abandon()
            throw error
        }
        // The file is removed here once it is handed in, so it must be durable there, with a GO or without.
        try finish(upload.sync)
        try finish(upload.close)
    }

    /// Waits for what is answered through a completion.
    private func finish(
        _ operation: (@escaping @Sendable (Result<Void, HomeFault>) -> Void) -> Void
    ) throws(HomeFault) {
        let done = DispatchSemaphore(value: 0)
        let outcome = Mutex<Result<Void, HomeFault>>(.success(()))
        operation { result in
            outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        try outcome.withLock { $0 }.get()
    }

    private func carryOut() {
        let answers: [WaitingAnswer]
        do {
            answers = try outbox.answersWaiting(for: .folder, limit: 10_000)
        } catch {
            return logger.warning("answers not read", metadata: ["error": "\(error)"])
        }
        for answer in answers {
            do {
                try carryOut(answer)
                try outbox.noteTaken(answer)
            } catch {
                log("answer not carried out", answer.sender, answer.mailbox, error)
            }
        }
    }

    private func carryOut(_ answer: WaitingAnswer) throws {
        let home = try intake.home(of: answer.sender, over: .folder)
        let folder = try folder(answer.mailbox, of: answer.sender)
        for name in answer.files {
            let download = try home.download(name, in: answer.mailbox)
            defer { download.close() }
            try folder.write(".\(name.escaped)") { write in
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
                defer { buffer.deallocate() }
                var offset: UInt64 = 0
                while case let count = try download.read(into: buffer, at: offset), count > 0 {
                    try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    offset += UInt64(count)
                }
            }
        }
        for name in answer.files {
            try folder.rename(".\(name.escaped)", to: name.escaped)
        }
        try folder.sync()
    }

    private func noteOddity(_ name: String, _ mailbox: Mailbox, of sender: SenderNumber) {
        let isNew = oddities.withLock { oddities in
            oddities.count < 1000 && oddities.insert("\(sender) \(mailbox.rawValue) \(name)").inserted
        }
        guard isNew else { return }
        logger.warning(
            "a file whose name is longer than \(FileName.longest) bytes is left where it is",
            metadata: ["sender": "\(sender)", "directory": "\(mailbox.rawValue)"])
    }

    private func log(
        _ message: Logger.Message, _ sender: SenderNumber, _ mailbox: Mailbox, _ error: any Error
    ) {
        logger.warning(
            message,
            metadata: ["sender": "\(sender)", "directory": "\(mailbox.rawValue)", "error": "\(error)"])
    }
}
