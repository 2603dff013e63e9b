import Exchange
import Foundation
import Synchronization
import Testing

@testable import Spool

/// A value that changed on the disk is never told as if it had been written.
@Suite struct RowSealTests {
    /// As a disk does it: past every rule of the schema.
    private func damage(_ harness: Harness, _ sql: String) throws {
        try harness.ledger(
            """
            DROP TRIGGER IF EXISTS setIsFixed; DROP TRIGGER IF EXISTS partIsFixed;
            DROP TRIGGER IF EXISTS outcomeIsFinal; DROP TRIGGER IF EXISTS answerIsFixed;
            PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;
            \(sql)
            """)
    }

    private func decided(_ number: Int = 1, in harness: Harness) throws -> Ticket {
        try harness.putSet(number)
        let set = try harness.nextUndecided()
        try harness.accept(set)
        try harness.waitForAnswer(set.ticket)
        return set.ticket
    }

    @Test(arguments: [
        "fileSet SET ticket = '0380000000FFF'", "fileSet SET sender = '006401'",
        "fileSet SET channel = 'folder'", "fileSet SET mailbox = 'INTEST'",
        "fileSet SET receivedAt = receivedAt + 1", "fileSet SET name = name || '1'",
        "fileSet SET identity = 'DIMN'", "fileSet SET hasTrigger = 0",
        "fileSet SET arrivalSeal = zeroblob(32)",
        "part SET name = name || '1' WHERE position = 0", "part SET size = size + 1 WHERE position = 0",
        "part SET digest = zeroblob(32) WHERE position = 0", "fileSet SET codes = '500'",
        "fileSet SET decision = '{\"a\":2}'", "fileSet SET decision = NULL", "fileSet SET destination = NULL",
        "fileSet SET repeatOf = seq",
        "fileSet SET decidedAt = decidedAt + 1", "fileSet SET outcomeSeal = zeroblob(32)",
        "part SET setSeq = 2, position = 7 WHERE position = 1", "fileSet SET outcomeSeal = NULL",
        "answer SET sender = '006401'", "answer SET mailbox = 'OUTTEST'",
        "answer SET channel = 'folder'", "answer SET stem = stem || '1'",
        "answer SET document = x'00'", "answer SET signature = x'00'", "answer SET seal = zeroblob(32)",
    ])
    func `a changed value is refused when it is read, and found`(change: String) throws {
        let harness = try Harness()
        let ticket = try decided(in: harness)
        let other = try decided(2, in: harness)
        let table = change.prefix { $0 != " " }
        let row = table == "fileSet" ? "seq = 1" : "setSeq = 1"
        try damage(harness, "UPDATE \(change) \(change.contains("WHERE") ? "AND" : "WHERE") \(row)")
        let read = try harness.spool.ledger.readableSets(limit: 10, includingSettled: true)
        #expect(read.fault == SpoolFault(.ledger, ""))
        #expect(throws: SpoolFault(.ledger, "")) {
            try harness.spool.ledger.sets(limit: 10, includingSettled: true)
        }
        // A part that went over to another set damages both.
        #expect(read.rows.map(\.sealed.ticket) == (change.contains("setSeq = 2") ? [] : [other]))
        let findings = try SpoolCheck.findings(at: harness.root, pause: 0).filter {
            $0.kind == .damagedLedger
        }
        #expect(findings.contains { $0.ticket == ticket } || change.contains("ticket"))
        #expect(!findings.isEmpty)
    }

    @Test func `rows from before there were seals are read as they are`() throws {
        let harness = try Harness()
        let ticket = try decided(in: harness)
        try damage(
            harness,
            "UPDATE fileSet SET arrivalSeal = NULL, outcomeSeal = NULL; UPDATE answer SET seal = NULL")
        #expect(try harness.row(ticket).answer != nil)
        #expect(try !SpoolCheck.findings(at: harness.root, pause: 0).contains { $0.kind == .damagedLedger })
    }

    private func damageAnswer(_ harness: Harness, _ change: String = "document = x'00'") throws {
        try damage(harness, "UPDATE answer SET \(change) WHERE setSeq = 1")
    }

    private func damageParts(_ harness: Harness, of set: Int) throws {
        try damage(harness, "UPDATE part SET digest = zeroblob(32) WHERE setSeq = \(set) AND position = 0")
    }

    @Test func `an answer that changed is not published, and the next one is`() throws {
        let harness = try Harness()
        let ticket = try decided(in: harness)
        let stem = try #require(try harness.row(ticket).answer?.stem)
        try harness.reopen {
            for prefix in ["GO", "FS", "FO"] {
                try FileManager.default.removeItem(
                    atPath: harness.path("outbox/006400/OUT/\(prefix).\(stem)"))
            }
            try damageAnswer(harness, "state = 'issued', document = x'00'")
        }
        try harness.putSet(2)
        let next = try #require(harness.spool.nextUndecided()?.set)
        try harness.refuse(next)
        try harness.waitForAnswer(next.ticket)
        #expect(!harness.files("outbox/006400/OUT").contains { $0.hasSuffix(stem) })
    }

    @Test func `an answer that changed is not issued again`() throws {
        let harness = try Harness()
        let ticket = try decided(in: harness)
        try damageAnswer(harness)
        #expect(throws: SpoolFault(.ledger, "")) { try harness.spool.republish(ticket) }
        try damageAnswer(harness, "document = document, state = 'published', seal = NULL")
        #expect(try harness.row(ticket).answer?.state == .published)
    }

    @Test func `an answer that changed is on no shelf, and others are`() throws {
        let harness = try Harness()
        _ = try decided(in: harness)
        let other = try decided(2, in: harness)
        try damageAnswer(harness, "stem = 'ACRF.999999.20260101.00009.R'")
        let shelved = try harness.spool.answers(of: .first, after: 0, unconfirmedOnly: false, limit: 10)
        #expect(shelved.map(\.ticket) == [other])
        let waiting = try harness.spool.answersWaiting(for: .sftp, of: .first, limit: 10)
        #expect(waiting.map(\.ticket) == [other])
    }

    @Test func `an answer that changed keeps its files, and no other from being removed in its time`() throws
    {
        let harness = try Harness()
        let tickets = [try decided(in: harness), try decided(2, in: harness)]
        let stems = try tickets.map { try #require(try harness.row($0).answer?.stem) }
        try damageAnswer(harness)
        harness.clock.advance(400 * 86_400)
        harness.spool.sweeper.sweep()
        #expect(try harness.row(tickets[1]).answer?.state == .expired)
        let files = harness.files("outbox/006400/OUT")
        #expect(files.count == 3 && files.allSatisfy { $0.hasSuffix(stems[0]) })
    }

    @Test func `a waiting set that changed is handed to nobody, and what is before it is`() throws {
        let harness = try Harness()
        for number in 1...3 { try harness.putSet(number) }
        let tickets = try harness.rows().map(\.sealed.ticket)
        try harness.reopen { try damageParts(harness, of: 2) }
        #expect(harness.spool.nextUndecided()?.set.ticket == tickets[0])
        #expect(harness.spool.nextUndecided()?.set.ticket == tickets[2])
    }

    @Test func `a waiting set that changed does not keep the one of its name before it from its decision`()
        throws
    {
        let harness = try Harness()
        try harness.putSet(1)
        let first = try harness.nextUndecided()
        try harness.putSet(1)
        try damageParts(harness, of: 2)
        try harness.refuse(first)
        try harness.waitForAnswer(first.ticket)
    }

    @Test func `a set to deliver that changed keeps the one before it from nothing, and goes to an operator`()
        throws
    {
        let harness = try Harness()
        for number in 1...3 {
            try harness.putSet(number)
            try harness.accept(try harness.nextUndecided())
        }
        let tickets = try harness.rows().map(\.sealed.ticket)
        try damageParts(harness, of: 2)
        let line = try #require(harness.spool.nextUndelivered(atMost: 3))
        #expect(line.map(\.set.ticket) == [tickets[0]])
        try harness.spool.recordDelivered(tickets[0])
        let next = Mutex<Ticket?>(nil)
        Thread.detachNewThread { [spool = harness.spool] in
            let ticket = spool.nextUndelivered()?.set.ticket
            next.withLock { $0 = ticket }
        }
        // It is tried again and again meanwhile.
        Thread.sleep(forTimeInterval: 0.3)
        try eventually("held") {
            (try? harness.spool.withhold(tickets[1], Deferral(.unknown, "Its row is damaged."))) != nil
        }
        try eventually("the next one") { next.withLock { $0 } == tickets[2] }
    }

    @Test func `a destination that changed its name has no sets`() throws {
        let harness = try Harness()
        let ticket = try decided(in: harness)
        try harness.ledger("UPDATE destination SET name = 'other'")
        #expect(throws: SpoolFault(.ledger, "")) { try harness.spool.ledger.set(ticket) }
    }

    @Test func `an accepted set that changed repeats nothing`() throws {
        let harness = try Harness()
        let ticket = try decided(in: harness)
        let name = try harness.row(ticket).sealed.name
        #expect(try harness.spool.ledger.accepted(named: name, by: .first)?.ticket == ticket)
        try damage(harness, "UPDATE fileSet SET decidedAt = decidedAt + 1")
        #expect(throws: SpoolFault(.ledger, "")) {
            try harness.spool.ledger.accepted(named: name, by: .first)
        }
    }

    @Test
    func `a waiting set whose ticket changed keeps neither the spool closed nor others from their decisions`()
        throws
    {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.accept(try harness.nextUndecided())
        try harness.putSet(2)
        try damage(harness, "UPDATE fileSet SET ticket = '0380000000FFF' WHERE seq = 1")
        let second = try #require(harness.spool.nextUndecided()?.set)
        try harness.refuse(second)
        try harness.reopen()
        try harness.putSet(3)
        let third = try #require(harness.spool.nextUndecided()?.set)
        try harness.refuse(third)
        try harness.waitForAnswer(third.ticket)
    }

    @Test func `many sets and answers behind damaged ones are all found`() throws {
        let harness = try Harness()
        for number in 1...80 { try harness.putSet(number) }
        try harness.reopen {
            try damage(harness, "UPDATE part SET digest = zeroblob(32) WHERE setSeq < 10 AND position = 0")
        }
        for _ in 10...80 {
            let set = try #require(harness.spool.nextUndecided()?.set)
            try harness.refuse(set)
            try harness.waitForAnswer(set.ticket)
        }
        try damage(harness, "UPDATE answer SET document = x'00' WHERE id < 4")
        let page = try harness.spool.answers(of: .first, after: 0, unconfirmedOnly: true, limit: 1)
        #expect(page.count == 1)
        #expect(try harness.spool.answersWaiting(for: .sftp, of: .first, limit: 60).count == 60)
    }
}
