import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

/// A ledger an older program left is brought up to date, with what its rows said.
@Suite struct LedgerUpgradeTests {
    private static let ticket = Ticket(.set, counter: 1)

    /// A ledger of the time before a migration, with one set that waits, and brought up to date.
    private func upgraded(from migration: String, _ sql: String) throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try LedgerSchema.migrator.migrate(queue, upTo: migration)
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO fileSet
                    (ticket, sender, channel, mailbox, receivedAt, name, identity, hasTrigger, state, attempt, dueAt)
                    VALUES ('\(LedgerUpgradeTests.ticket)', '006400', 'sftp', 'IN', 5, 'GO.a', 'a', 1, 'received', 0, 5);
                    INSERT INTO part VALUES (1, 0, 'FI.a', 3, zeroblob(32));
                    \(sql)
                    """)
        }
        try LedgerSchema.migrator.migrate(queue)
        return queue
    }

    @Test(arguments: [("worker-failed", 1), ("disk-fault", 0)])
    func `a set that cost a worker before the upgrade has one left`(reason: String, failures: Int) throws {
        let queue = try upgraded(
            from: "senders decided by turns",
            "UPDATE fileSet SET deferralReason = '\(reason)', deferralSentence = 'So.'")
        let failed = try queue.read { try Int.fetchOne($0, sql: "SELECT workersFailed FROM fileSet") }
        #expect(failed == failures)
    }

    @Test func `a set from before there were seals is read, and sealed when it is decided`() throws {
        let queue = try upgraded(from: "workers a set failed", "")
        let ledger = Ledger(reader: queue)
        let set = try #require(try ledger.set(LedgerUpgradeTests.ticket)).sealed
        #expect(set.parts.map(\.size) == [3])
        try queue.write { db in
            _ = try SetWriting(db: db, now: Date()).decide(.refused(set), for: set)
        }
        #expect(try ledger.set(set.ticket)?.decisionJSON == "{}")
        try queue.write { db in
            try db.execute(sql: "DROP TRIGGER outcomeIsFinal; UPDATE fileSet SET decision = '[]'")
        }
        #expect(throws: SpoolFault(.ledger, "")) { try ledger.set(set.ticket) }
    }
}
