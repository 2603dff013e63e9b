internal import Exchange
internal import Foundation
internal import Logging
internal import Synchronization

/// What all looks of one inbox stand on.
final class InboxGround: Sendable {
    let configuration: Inbox.Configuration
    let intake: any SetIntake
    let homes: any Intake
    let outbox: any Outbox
    let clock: InboxClock
    let readers: InboxReaders
    let logger: Logger
    private let stoppedAt = Mutex<ContinuousClock.Instant?>(nil)
    /// What is under way when the inbox is stopped has so long to come to its end.
    private static let grace = Duration.seconds(5)
    /// Names nobody can be answered for, told once each.
    private let oddities = Mutex<Set<String>>([])

    init(
        _ configuration: Inbox.Configuration, intake: any SetIntake, homes: any Intake, outbox: any Outbox,
        clock: InboxClock, logger: Logger
    ) {
        self.configuration = configuration
        self.intake = intake
        self.homes = homes
        self.outbox = outbox
        self.clock = clock
        readers = InboxReaders(configuration, outbox, clock)
        self.logger = logger
    }

    /// Nothing new is to be begun.
    var isStopping: Bool { stoppedAt.withLock { $0 != nil } }

    /// What is under way is to be broken off.
    var isOutOfPatience: Bool {
        stoppedAt.withLock { $0.map { ContinuousClock.now - $0 >= InboxGround.grace } ?? false }
    }

    /// Said between the pieces of a transfer.
    func requirePatience() throws(InboxStop) {
        if isOutOfPatience { throw InboxStop() }
    }

    func stop() {
        stoppedAt.withLock { $0 = $0 ?? .now }
    }

    func log(
        _ level: Logger.Level, _ message: Logger.Message, _ account: InboxAccount, _ mailbox: Mailbox? = nil,
        _ words: [String: String] = [:]
    ) {
        var metadata: Logger.Metadata = [
            "inbox": "\(configuration.name)", "sender": "\(account.sender)",
        ]
        if let mailbox { metadata["directory"] = "\(mailbox.rawValue)" }
        for (key, value) in words { metadata[key] = "\(value)" }
        logger.log(level: level, message, metadata: metadata)
    }

    func note(oddity name: [UInt8], _ account: InboxAccount, _ mailbox: Mailbox) {
        let isNew = oddities.withLock { oddities in
            oddities.count < 1000
                && oddities.insert("\(account.sender) \(mailbox.rawValue) \(name.hexadecimal)").inserted
        }
        guard isNew else { return }
        log(
            .warning, "a file whose name cannot be taken is left where it is", account, mailbox,
            ["name": peerWords(name), "longest": "\(FileName.longest)"])
    }
}

/// Ends a transfer because the inbox ends.
struct InboxStop: Error {}

/// Waits for what the spool answers through a completion. Not on a thread of the cooperative pool.
func awaitCompletion(
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
