internal import Exchange
internal import Glibc

/// The open directories of a spool, owned by this process alone as long as the value lives.
///
/// `arriving/<sender>/<mailbox>/<name>`, `consigned/<ticket>/<name>`, `held/<ticket>/<name>`,
/// `outbox/<sender>/<mailbox>/<name>`, `ledger.sqlite`, `lock`, `run/`.
final class SpoolDisk: Sendable {
    let root: String
    let directory: Directory
    let arriving: Directory
    let consigned: Directory
    let held: Directory
    let outbox: Directory
    private let lock: SpoolLock

    /// Makes what is missing and takes the lock.
    init(root: String) throws(SpoolFault) {
        do {
            let directory = try Directory.open(at: root, creating: true)
            let lock = try SpoolLock(in: root)
            for name in ["arriving", "consigned", "held", "outbox", "run"] {
                try directory.makeDirectory(name)
            }
            try directory.sync()
            self.root = root
            self.directory = directory
            self.lock = lock
            arriving = try directory.directory("arriving")
            consigned = try directory.directory("consigned")
            held = try directory.directory("held")
            outbox = try directory.directory("outbox")
        } catch let fault as SystemFault {
            throw fault.spoolFault
        } catch let fault as SpoolFault {
            throw fault
        } catch {
            throw SpoolFault(.disk, "\(error)")
        }
    }

    /// Lets another process have the spool.
    func unlock() {
        lock.release()
    }

    /// Refuses a spool that lost its ledger. Begun anew, it would know nothing of what was decided and give out numbers
    /// a second time.
    func requireLedger() throws(SpoolFault) {
        do {
            if let ledger = try directory.status(SpoolDisk.ledgerName), ledger.size > 0 { return }
            if try held.names(in: ".").isEmpty, try outbox.names(in: ".").isEmpty { return }
        } catch {
            throw error.spoolFault
        }
        throw SpoolFault(
            .ledger,
            "The ledger of \(root) is missing or empty, though there are held sets or answers. Restore it first."
        )
    }

    /// Has the ledger and what SQLite keeps beside it readable for the owner alone. SQLite takes an empty
    /// file for a new database and gives its companions the mode of the database.
    func makeLedgerPrivate() throws(SystemFault) {
        if try directory.status(SpoolDisk.ledgerName) == nil {
            _ = try directory.create(SpoolDisk.ledgerName)
        }
        for ending in ["", "-wal", "-shm"] { try directory.makePrivate(SpoolDisk.ledgerName + ending) }
    }

    private static let ledgerName = "ledger.sqlite"

    static func ledgerPath(in root: String) -> String { "\(root)/\(ledgerName)" }
}
