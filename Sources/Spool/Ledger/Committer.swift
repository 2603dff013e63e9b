internal import Foundation
internal import GRDB
internal import Logging
internal import Synchronization

/// The one thread that writes the ledger. Everything that waits when it comes round is committed in one
/// transaction and so shares one sync; when that fails, each is tried alone, so that one bad entry cannot
/// fail the others.
///
/// A commit whose writing or syncing failed leaves a doubt: it may stand in the log, and would count after a crash.
/// Nobody is told of its failure, and nothing else is taken, until another transaction was written over it durably.
final class Committer: Sendable {
    /// One change of the ledger.
    struct Work: Sendable {
        /// The held directory must be synced before the row may exist.
        var isSealing = false
        /// May be called twice: again after the group it was in was rolled back.
        let apply: @Sendable (Database) throws -> Void
        /// Called once, after the commit or with its fault; `.closed` leaves the outcome open until the spool is next
        /// opened. On the committing thread or that of `submit`; must not wait for the committer.
        let settle: @Sendable (SpoolFault?) -> Void
    }

    private static let largestGroup = 256

    private let pool: DatabasePool
    private let held: Directory
    private let logger: Logger
    private let queue = BlockingQueue<Work>()
    private let isInDoubt = Atomic<Bool>(false)
    private let isPatient = Atomic<Bool>(false)

    init(pool: DatabasePool, held: Directory, logger: Logger) {
        self.pool = pool
        self.held = held
        self.logger = logger
    }

    /// Changes not begun yet.
    var waiting: Int { queue.count }

    func submit(_ work: Work) {
        if isInDoubt.load(ordering: .acquiring) {
            work.settle(
                SpoolFault(.ledger, "The ledger is not written to until a failed write of it is made up for.")
            )
        } else if !queue.push(work) {
            work.settle(SpoolFault(.closed, "The spool is closing."))
        }
    }

    /// Waits until the change is durable.
    func commit<Value: Sendable>(
        _ apply: @escaping @Sendable (Database) throws -> Value
    ) throws(SpoolFault) -> Value {
        let pending = Pending<Value>()
        let box = Box<Value>()
        submit(
            Work(
                apply: { db in
                    let result = try apply(db)
                    box.value.withLock { $0 = result }
                },
                settle: { fault in
                    if let fault {
                        pending.settle(.failure(fault))
                    } else if let result = box.value.withLock({ $0 }) {
                        pending.settle(.success(result))
                    }
                }))
        return try pending.wait()
    }

    /// The thread's body; returns when the queue is closed and done.
    func run() {
        while let group = queue.take(atMost: Committer.largestGroup) {
            commit(group)
        }
    }

    /// From now on nobody is told of a doubt before it is ended. Until then, while the spool opens, one that cannot be
    /// ended at once is left to the next opening: a start must end, one way or the other.
    func beginWaiting() {
        isPatient.store(true, ordering: .releasing)
    }

    /// A doubt that cannot be ended at once is left to the next opening from now on.
    func stopWaiting() {
        isPatient.store(false, ordering: .releasing)
    }

    /// Takes no more; what was taken is still committed.
    func close() {
        queue.close()
    }

    private func commit(_ group: [Work]) {
        var group = group
        if group.contains(where: \.isSealing) {
            do {
                try held.sync()
            } catch {
                group.lazy.filter(\.isSealing).forEach { $0.settle(error.spoolFault) }
                group.removeAll(where: \.isSealing)
            }
        }
        guard !group.isEmpty else { return }
        do {
            try pool.write { db in
                for work in group { try work.apply(db) }
            }
            group.forEach { $0.settle(nil) }
        } catch {
            settle(group, after: error)
        }
    }

    private func settle(_ group: [Work], after error: any Error) {
        if Committer.leavesDoubt(error), !overwrite(after: error) {
            group.forEach {
                $0.settle(SpoolFault(.closed, "The ledger failed, and the spool opens or closes: \(error)"))
            }
        } else if group.count == 1 {
            group[0].settle(SpoolFault(ledgerError: error))
        } else {
            group.forEach { commit([$0]) }
        }
    }

    private static func leavesDoubt(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return code == .SQLITE_IOERR || code == .SQLITE_FULL
    }

    /// Writes and syncs a small transaction in the place of one that failed, again and again until the disk takes it.
    /// SQLite writes the next transaction where the failed one began, so that afterwards nothing of that counts.
    ///
    /// - Returns: false when there was no time for it.
    private func overwrite(after error: any Error) -> Bool {
        isInDoubt.store(true, ordering: .releasing)
        defer { isInDoubt.store(false, ordering: .releasing) }
        logger.error("the ledger failed and is closed for writing", metadata: ["fault": "\(error)"])
        while true {
            do {
                try pool.write { db in
                    try db.execute(
                        sql: """
                            INSERT INTO counter (name, next) VALUES ('doubt', 1)
                            ON CONFLICT (name) DO UPDATE SET next = next + 1
                            """)
                }
                logger.notice("the ledger is written to again")
                return true
            } catch {
                if !isPatient.load(ordering: .acquiring) { return false }
                Thread.sleep(forTimeInterval: 0.25)
            }
        }
    }
}

/// Carries a value out of a transaction that may be tried twice.
private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
