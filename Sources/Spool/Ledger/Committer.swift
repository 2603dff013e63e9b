internal import GRDB
internal import Synchronization

/// The one thread that writes the ledger. Everything that waits when it comes round is committed in one
/// transaction and so shares one sync; when that fails, each is tried alone, so that one bad entry cannot
/// fail the others.
final class Committer: Sendable {
    /// One change of the ledger.
    struct Work: Sendable {
        /// The held directory must be synced before the row may exist.
        var isSealing = false
        /// May be called twice: again after the group it was in was rolled back.
        let apply: @Sendable (Database) throws -> Void
        /// Called once, on the committing thread, after the commit or with its fault. Must not wait for the
        /// committer.
        let settle: @Sendable (SpoolFault?) -> Void
    }

    private static let largestGroup = 256

    private let pool: DatabasePool
    private let held: Directory
    private let queue = BlockingQueue<Work>()

    init(pool: DatabasePool, held: Directory) {
        self.pool = pool
        self.held = held
    }

    /// Changes not begun yet.
    var waiting: Int { queue.count }

    func submit(_ work: Work) {
        if !queue.push(work) { work.settle(SpoolFault(.closed, "The spool is closing.")) }
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
        let fault = transact(group)
        if fault == nil || group.count == 1 {
            group.forEach { $0.settle(fault) }
        } else {
            group.forEach { $0.settle(transact([$0])) }
        }
    }

    /// The fault when nothing of the group was committed.
    private func transact(_ group: [Work]) -> SpoolFault? {
        do {
            try pool.write { db in
                for work in group { try work.apply(db) }
            }
            return nil
        } catch {
            return SpoolFault(ledgerError: error)
        }
    }
}

/// Carries a value out of a transaction that may be tried twice.
private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
