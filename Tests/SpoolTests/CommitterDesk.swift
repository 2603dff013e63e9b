import Foundation
import GRDB

@testable import Spool

/// A committer on an empty ledger of its own, which goes with the desk. Nobody runs it yet.
final class CommitterDesk {
    let root = NSTemporaryDirectory() + "spool-tests-" + UUID().uuidString
    let pool: DatabasePool
    let committer: Committer

    init(configuration: Configuration = Configuration()) throws {
        let disk = try SpoolDisk(root: root)
        pool = try DatabasePool(path: SpoolDisk.ledgerPath(in: root), configuration: configuration)
        try LedgerSchema.migrator.migrate(pool)
        committer = Committer(pool: pool, held: disk.held, logger: .quiet)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }
}
