public import Exchange
internal import Foundation
internal import GRDB
public import Logging
internal import Synchronization

/// Durable bytes and the ledger of what happened to them: what arrived, what was decided of it, what was
/// answered.
///
/// A GO is answered when its set is durable: every file synced, its directories synced, its row committed. An
/// outcome and its receipt are one transaction. Everything else (publishing, delivering, removing) is
/// repeated until the ledger says that it happened, and repeating it changes nothing. All work is done on
/// threads of the spool's own; every call may come from any thread. One process owns a spool at a time;
/// others may read its ledger.
public final class Spool: Intake, Outbox {
    /// What the ledger can tell.
    public let ledger: Ledger

    let ground: HomeGround
    let registry: HomeRegistry
    let outgoing: OutgoingFiles
    let committer: Committer
    let undecided: LeaseQueue<UndecidedSet>
    let undelivered: LeaseQueue<Void>
    let deliveryFaults: FaultLog
    let answerFaults: FaultLog
    let publisher: Publisher
    let watch: AnswerWatch
    let sweeper: Sweeper
    private let pool: DatabasePool
    private let sealing = Workers()
    private let publishing = Workers()
    private let committing = Workers()
    private let sweeping = Workers()
    private let watching = Workers()
    private let isClosing = Atomic<Bool>(false)

    /// Sets of one queue kept in memory; twice as many at the most.
    static let chunk = 1000
    /// Seconds until what the ledger did not take or give is tried again.
    static let retryPause: Double = 1

    /// Opens a spool and owns it until `close`: makes what is missing, brings disk and ledger together after
    /// a crash, and begins to publish what was issued.
    ///
    /// - Parameter root: a directory; its parent must be there.
    /// - Throws: `.inUse` when another process owns it, `.disk` or `.ledger` when it cannot be used.
    public static func open(at root: String, limits: SpoolLimits, logger: Logger) throws(SpoolFault) -> Spool
    {
        try open(
            at: root, limits: limits, logger: logger, clock: { Date() },
            steady: SteadyTime.clock(from: Date()))
    }

    static func open(
        at root: String, limits: SpoolLimits, logger: Logger, clock: @escaping @Sendable () -> Date,
        steady: @escaping @Sendable () -> Date
    ) throws(SpoolFault) -> Spool {
        let disk = try SpoolDisk(root: root)
        do {
            try disk.requireLedger()
            try disk.makeLedgerPrivate()
            let pool = try openLedger(at: root)
            try Recovery(disk: disk, pool: pool, limits: limits, clock: clock, logger: logger).run()
            let spool = Spool(
                disk: disk, pool: pool, limits: limits, logger: logger, clock: clock, steady: steady)
            try spool.begin()
            return spool
        } catch {
            disk.unlock()
            throw SpoolFault(ledgerError: error)
        }
    }

    private static func openLedger(at root: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 8
        let pool = try DatabasePool(path: SpoolDisk.ledgerPath(in: root), configuration: configuration)
        guard try !pool.read(LedgerSchema.migrator.hasBeenSuperseded) else {
            throw SpoolFault(.ledger, "The ledger was written by a newer version of the program.")
        }
        // After opening, because GRDB itself sets NORMAL when it turns WAL on, with which no commit is synced.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try LedgerSchema.migrator.migrate(pool)
        // What an earlier process wrote may be in the page cache only, and its failed sync is not told again. Copied
        // into the ledger proper it is written anew, and the log begins anew.
        try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        return pool
    }

    private init(
        disk: SpoolDisk, pool: DatabasePool, limits: SpoolLimits, logger: Logger,
        clock: @escaping @Sendable () -> Date, steady: @escaping @Sendable () -> Date
    ) {
        let ledger = Ledger(reader: pool)
        let committer = Committer(pool: pool, held: disk.held, logger: logger)
        let ground = HomeGround(
            disk: disk, limits: limits, clock: clock, steady: steady,
            tickets: TicketDispenser(committer: committer),
            committer: committer, syncing: TurnQueue(), watch: HomeWatch(), logger: logger)
        let registry = HomeRegistry(ground: ground)
        let outgoing = OutgoingFiles(outbox: disk.outbox)
        let faults = FaultLog("waiting sets cannot be read", logger)
        undecided = .undecided(
            in: ledger, mostOfOne: max(1, limits.decisionsPerSender), faults: faults, clock: clock)
        undelivered = .undelivered(in: ledger, faults: faults, clock: clock)
        let dueTimes = DueTimes(
            ledger: ledger, committer: committer, undecided: undecided, undelivered: undelivered,
            clock: clock, steady: steady)
        let sweeper = Sweeper(
            ground: ground, registry: registry, ledger: ledger, outgoing: outgoing, dueTimes: dueTimes)
        self.ledger = ledger
        self.pool = pool
        self.committer = committer
        self.ground = ground
        self.registry = registry
        self.outgoing = outgoing
        self.sweeper = sweeper
        deliveryFaults = FaultLog("a set to deliver cannot be read", logger)
        answerFaults = FaultLog("an answer cannot be read", logger)
        let watch = AnswerWatch()
        self.watch = watch
        publisher = Publisher(
            ledger: ledger, files: outgoing, committer: committer, clock: clock, logger: logger,
            notePublished: { ticket in
                watch.noteReadable(ticket)
                sweeper.ticker.nudge()
            })
    }

    private func begin() throws {
        let sealer = Sealer(
            disk: ground.disk, committer: committer, undecided: undecided, tasks: ground.syncing)
        committing.start("spool commit") { [committer] in committer.run() }
        sealing.start("spool seal", count: ground.limits.syncThreads) { sealer.run() }
        publishing.start("spool publish", count: ground.limits.syncThreads) { [publisher] in publisher.run() }
        publishing.start("spool publish again") { [publisher] in publisher.runRetries() }
        watching.start("spool watch") { [watch] in watch.run() }
        do {
            try fillTickets()
            committer.beginWaiting()
            let issued = try ledger.issuedAnswers()
            FaultLog("an answer cannot be read", ground.logger).note(issued.fault, of: "ledger")
            for answer in issued.values { publisher.publish(answer) }
            for sender in try ground.disk.arriving.names(in: ".").compactMap({ SenderNumber($0) }) {
                registry.home(of: sender).resumeTriggers()
            }
            try resumeConsignments()
        } catch {
            close()
            throw error
        }
        sweeping.start("spool sweep") { [sweeper] in sweeper.run() }
        sweeping.start("spool triggers") { [sweeper] in sweeper.runEarlyTriggers() }
        sweeper.ticker.nudge()
    }

    private func fillTickets() throws(SpoolFault) {
        do {
            try ground.tickets.fill()
        } catch {
            throw error.code == .closed ? SpoolFault(.ledger, error.sentence) : error
        }
    }

    deinit {
        close()
    }

    /// Hands out no more sets: who waits in `nextUndecided` or `nextUndelivered` gets nil. What was handed
    /// out may still be recorded. Repeating it is harmless.
    public func stopHandingOut() {
        undecided.stop()
        undelivered.stop()
        committer.stopWaiting()
    }

    /// Nobody waits any more for a ledger that cannot be written to: what is under way then is left to the next opening,
    /// and not answered. Repeating it is harmless.
    public func stopWaitingForLedger() {
        committer.stopWaiting()
    }

    /// Finishes the work in hand, stops the threads and lets another process have the spool. Repeating it is
    /// harmless.
    public func close() {
        guard !isClosing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        stopHandingOut()
        sweeper.ticker.stop()
        ground.watch.ticker.stop()
        sweeping.join()
        ground.syncing.close()
        sealing.join()
        publisher.close()
        publishing.join()
        committer.close()
        committing.join()
        watch.close()
        watching.join()
        ground.close()
        ground.watch.forget()
        // Readers still at work keep the file open; they harm nobody.
        try? pool.close()
        ground.disk.unlock()
    }

    public func home(of sender: SenderNumber, over channel: ChannelKind) throws(HomeFault) -> any SenderHome {
        if ground.isClosed { throw .failed("the spool is closed") }
        return ChannelHome(home: registry.home(of: sender), channel: channel, outgoing: outgoing)
    }
}
