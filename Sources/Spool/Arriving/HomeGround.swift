internal import Exchange
internal import Foundation
internal import Logging
internal import Synchronization

/// What all homes and consignments of one spool stand on.
final class HomeGround: Sendable {
    let disk: SpoolDisk
    let limits: SpoolLimits
    let clock: @Sendable () -> Date
    /// For waits: the time as of the opening and what has passed since, whatever the clock is set to meanwhile. What is
    /// listed of arriving files follows it too.
    let steady: @Sendable () -> Date
    let floor: DiskFloor
    let tickets: TicketDispenser
    let committer: Committer
    let syncing: TurnQueue<SyncTask>
    let watch: HomeWatch
    let noted = NotedConsignments()
    let logger: Logger
    /// Seconds of pauses for which a GO waits longer.
    private static let longestExtension: TimeInterval = 60
    /// Nil when everybody may go as fast as they like.
    private let pace: Mutex<RefusalPace?>
    private let lastSerial = Atomic<UInt64>(0)
    private let closed = Atomic<Bool>(false)

    init(
        disk: SpoolDisk, limits: SpoolLimits, clock: @escaping @Sendable () -> Date,
        steady: @escaping @Sendable () -> Date, tickets: TicketDispenser,
        committer: Committer, syncing: TurnQueue<SyncTask>, watch: HomeWatch, logger: Logger
    ) {
        self.disk = disk
        self.limits = limits
        self.clock = clock
        self.steady = steady
        self.tickets = tickets
        self.committer = committer
        self.syncing = syncing
        self.watch = watch
        self.logger = logger
        pace = Mutex(limits.refusedPerSecond.map { RefusalPace(perSecond: $0) })
        floor = DiskFloor(directory: disk.arriving, floor: limits.freeFloor)
    }

    /// Nothing may touch the files any more: another process may own them.
    var isClosed: Bool { closed.load(ordering: .acquiring) }

    func close() {
        closed.store(true, ordering: .releasing)
        noted.removeAll()
    }

    /// Has a set sealed whose files were just moved to `held/`, and its callers answered.
    func seal(_ job: SealJob) {
        if !syncing.push(.seal(job), of: job.source.sender) {
            job.fail(.failed("the spool is closing"), isSuspect: false)
        }
    }

    /// Something of a sender added nothing.
    func charge(_ sender: SenderNumber) {
        let now = steady().timeIntervalSinceReferenceDate
        guard pace.withLock({ $0?.charge(sender, at: now) ?? false }) else { return }
        logger.notice(
            "a sender whose sets are refused one after another is slowed down",
            metadata: ["sender": "\(sender)"])
    }

    /// A set of a sender was accepted, or what was charged was sealed and is judged by itself.
    func forgive(_ sender: SenderNumber) {
        pace.withLock { $0?.forgive(sender) }
    }

    /// Seconds until more of the sender is wanted.
    func pause(of sender: SenderNumber) -> TimeInterval {
        pace.withLock { $0?.pause(of: sender, at: steady().timeIntervalSinceReferenceDate) ?? 0 }
    }

    /// From when on a GO waits for its files: the end of its sender's last pause, which may have kept them away, when
    /// that came later; a minute later at the most.
    func wait(since: Date, by sender: SenderNumber) -> Date {
        guard let end = pace.withLock({ $0?.lastPauseEnd(of: sender) }) else { return since }
        return max(since, min(Date(timeIntervalSinceReferenceDate: end), since + HomeGround.longestExtension))
    }

    /// A number never given before in this process.
    func serial() -> UInt64 {
        lastSerial.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
