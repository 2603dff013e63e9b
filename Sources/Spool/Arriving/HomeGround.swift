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

    /// A number never given before in this process.
    func serial() -> UInt64 {
        lastSerial.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
