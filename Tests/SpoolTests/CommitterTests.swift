import Foundation
import GRDB
import Synchronization
import Testing

@testable import Spool

@Suite struct CommitterTests {
    @Test func `every commit of the ledger is synced`() throws {
        let harness = try Harness()
        // FULL; NORMAL, which is 1, syncs now and then.
        let synchronous = Mutex(0)
        try harness.spool.committer.commit { db in
            let level = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? 0
            synchronous.withLock { $0 = level }
        }
        #expect(synchronous.withLock { $0 } == 2)
    }

    @Test func `one bad change of a group fails alone`() throws {
        let desk = try CommitterDesk()
        let (pool, committer) = (desk.pool, desk.committer)
        try pool.write { try $0.execute(sql: "CREATE TABLE kept (number INTEGER PRIMARY KEY)") }
        let failed = Mutex<[Int]>([])
        // Submitted before anybody commits: they are one group.
        for (place, number) in [1, 2, 1, 3].enumerated() {
            committer.submit(
                Committer.Work(
                    apply: { try $0.execute(sql: "INSERT INTO kept VALUES (?)", arguments: [number]) },
                    settle: { fault in if fault != nil { failed.withLock { $0.append(place) } } }))
        }
        committer.close()
        committer.run()
        #expect(failed.withLock { $0 } == [2])
        #expect(try pool.read { try Int.fetchAll($0, sql: "SELECT number FROM kept") } == [1, 2, 3])
    }
}
