import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

@Suite struct ShelfTests {
    /// A set decided and its answer published.
    @discardableResult
    private func answer(
        _ number: Int, in harness: Harness, by sender: SenderNumber = .first, over channel: ChannelKind = .web
    ) throws -> Ticket {
        try harness.putSet(number, by: sender, over: channel)
        let set = try harness.nextUndecided()
        try harness.accept(set, for: nil)
        try harness.waitForAnswer(set.ticket)
        return set.ticket
    }

    private func shelf(
        _ harness: Harness, after cursor: Int64 = 0, unconfirmedOnly: Bool = false, limit: Int = 1000
    ) throws -> [ShelvedAnswer] {
        try harness.spool.answers(of: .first, after: cursor, unconfirmedOnly: unconfirmedOnly, limit: limit)
    }

    private func stem(_ number: Int) -> String { "ACRF.999999.20260101.0000\(number).R" }

    @Test func `answers stand in the order of their publication, each sender's apart`() throws {
        let harness = try Harness()
        let tickets = try (1...3).map { try answer($0, in: harness, over: $0 == 2 ? .sftp : .web) }
        try answer(4, in: harness, by: .number(6401))
        let all = try shelf(harness)
        #expect(all.map(\.ticket) == tickets)
        #expect(all.map(\.stem) == (1...3).map(stem))
        #expect(all.map(\.cursor) == all.map(\.cursor).sorted() && all[0].cursor > 0)
        #expect(all.allSatisfy { $0.sender == .first && $0.mailbox == .outgoing && !$0.isConfirmed })
        #expect(all.allSatisfy { $0.publishedAt == harness.clock.now })
        #expect(try shelf(harness, after: all[0].cursor, limit: 1) == [all[1]])
        #expect(try shelf(harness, after: all[2].cursor).isEmpty)
        #expect(try shelf(harness, limit: -1) == [all[0]])
        #expect(try harness.spool.answer(stem(2), of: .first) == all[1])
        #expect(try harness.spool.answer(stem(2), of: .number(6401)) == nil)
        #expect(try harness.spool.answer("../../ledger", of: .first) == nil)
    }

    @Test func `an answer published late comes after those published before`() throws {
        let harness = try Harness()
        let outbox = harness.path("outbox/006400")
        try harness.putSet(1)
        // Nothing can be published in a directory that is a file; the test directories are others.
        try FileManager.default.createDirectory(atPath: outbox, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: outbox + "/OUT", contents: Data())
        let late = try harness.nextUndecided()
        try harness.refuse(late)
        try harness.putSet(1, in: .incomingTest)
        let early = try harness.nextUndecided()
        try harness.refuse(early)
        try harness.waitForAnswer(early.ticket)
        let seen = try #require(try shelf(harness).last)
        #expect(seen.ticket == early.ticket)
        try FileManager.default.removeItem(atPath: outbox + "/OUT")
        try FileManager.default.createDirectory(atPath: outbox + "/OUT", withIntermediateDirectories: true)
        try harness.waitForAnswer(late.ticket)
        #expect(try shelf(harness, after: seen.cursor).map(\.ticket) == [late.ticket])
    }

    @Test func `an answer published again comes again`() throws {
        let harness = try Harness()
        let first = try answer(1, in: harness)
        try answer(2, in: harness)
        let before = try shelf(harness)
        try harness.spool.confirm(before[0])
        try harness.putSet(1)
        let repeated = try harness.nextUndecided()
        try harness.spool.record(.repeated(first), for: repeated)
        try harness.waitForAnswer(first)
        let after = try shelf(harness, after: before[1].cursor)
        #expect(after.map(\.stem) == [stem(1)])
        #expect(after.map(\.ticket) == [first])
        #expect(after.map(\.isConfirmed) == [false])
        #expect(try shelf(harness).map(\.stem) == [stem(2), stem(1)])
    }

    @Test func `a confirmed answer can still be read`() throws {
        let harness = try Harness()
        for number in 1...3 { try answer(number, in: harness) }
        let all = try shelf(harness)
        for _ in 1...2 { try harness.spool.confirm(all[1]) }
        #expect(try shelf(harness).map(\.isConfirmed) == [false, true, false])
        #expect(try shelf(harness, unconfirmedOnly: true).map(\.stem) == [stem(1), stem(3)])
        #expect(try shelf(harness, after: all[0].cursor, unconfirmedOnly: true).map(\.stem) == [stem(3)])
        #expect(try harness.spool.answer(stem(2), of: .first)?.isConfirmed == true)
        #expect(try harness.spool.answersWaiting(for: .web, of: .first, limit: 10).count == 2)
        #expect(try harness.names(.outgoing).count == 9)
        #expect(try harness.row(all[1].ticket).answer?.state == .taken)
    }

    @Test func `a removed answer is gone, whoever removes it`() throws {
        let harness = try Harness()
        for number in 1...4 { try answer(number, in: harness) }
        let all = try shelf(harness)
        try harness.spool.confirm(all[0])
        for _ in 1...2 { try harness.spool.remove(all[0]) }
        try harness.spool.remove(all[1])
        #expect(try harness.names(.outgoing).count == 6)
        try harness.home().remove(try #require(FileName("FO.\(stem(3))")), in: .outgoing)
        try harness.waitForAnswer(all[2].ticket, .deleted)
        try harness.spool.remove(all[2])
        #expect(try harness.names(.outgoing) == ["FO", "FS", "GO"].map { "\($0).\(stem(4))" })
        #expect(
            try all.map { try harness.row($0.ticket).answer?.state }.dropLast().allSatisfy { $0 == .deleted })
        #expect(try shelf(harness).map(\.stem) == [stem(4)])
        #expect(try harness.spool.answer(stem(1), of: .first) == nil)
        try harness.spool.confirm(all[1])
        #expect(try harness.row(all[1].ticket).answer?.state == .deleted)
        try harness.reopen()
        #expect(try harness.names(.outgoing).count == 3)
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `nothing outside the outgoing directory can be removed by a stem`() throws {
        let harness = try Harness()
        let file = harness.path("outbox/victim")
        _ = FileManager.default.createFile(atPath: file, contents: Data())
        try answer(1, in: harness)
        let one = try #require(try shelf(harness).first)
        let forged = ShelvedAnswer(
            cursor: 1, sender: .first, mailbox: .outgoing, stem: "x/../../../victim", ticket: one.ticket,
            publishedAt: one.publishedAt, isConfirmed: false)
        try FileManager.default.createDirectory(
            atPath: harness.path("outbox/006400/OUT/GO.x"), withIntermediateDirectories: true)
        try harness.spool.remove(forged)
        #expect(FileManager.default.fileExists(atPath: file))
    }

    @Test func `past its retention an answer leaves the shelf`() throws {
        let harness = try Harness()
        try answer(1, in: harness)
        harness.clock.advance(30 * 86_400)
        harness.spool.sweeper.sweep()
        #expect(try shelf(harness).isEmpty)
    }

    @Test func `answers published by an older version have a place`() throws {
        let harness = try Harness()
        let tickets = try (1...4).map { try answer($0, in: harness) }
        try harness.spool.confirm(try shelf(harness)[1])
        try harness.spool.remove(try shelf(harness)[2])
        try harness.reopen {
            try harness.ledger(
                """
                DROP INDEX answerOnShelf; DROP INDEX answerUnread; ALTER TABLE answer DROP COLUMN shelf;
                DELETE FROM counter WHERE name = 'shelf';
                DELETE FROM grdb_migrations WHERE identifier = 'answers on their shelf';
                UPDATE answer SET publishedAt = publishedAt - 60 WHERE id = 4
                """)
        }
        #expect(try shelf(harness).map(\.ticket) == [tickets[3], tickets[0], tickets[1]])
        #expect(try shelf(harness).map(\.cursor) == [1, 2, 3])
        try answer(5, in: harness)
        #expect(try shelf(harness, after: 3).map(\.stem) == [stem(5)])
    }

    @Test(arguments: [
        (ShelfReading.allSQL, "answerOnShelf", "sender=? AND shelf>?"),
        (ShelfReading.unconfirmedSQL, "answerUnread", "sender=? AND shelf>?"),
        (ShelfReading.ofSenderSQL, "answerUnread", "sender=?"),
        (ShelfReading.ofChannelSQL, "answerWaiting", "channel=?"),
    ])
    func `each list is read along an index, without sorting`(sql: String, index: String, range: String) throws
    {
        let harness = try Harness()
        let plan = try harness.spool.ledger.read { db in
            let values = StatementArguments(Array(repeating: 1, count: sql.count { $0 == "?" }))
            return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: values)
                .map { $0["detail"] as String }
        }
        #expect(plan.first == "SEARCH answer USING INDEX \(index) (\(range))")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.hasPrefix("SCAN") })
    }

    @Test func `of many answers those of one sender are its own, in the order they were published`() throws {
        let harness = try Harness()
        try harness.reopen {
            let queue = try DatabaseQueue(path: harness.path("ledger.sqlite"))
            try queue.write { db in
                let now = harness.clock.now
                var answers: [Int64] = []
                for number in 0..<2000 {
                    let set = SealedSet(
                        ticket: Ticket(.set, counter: Int64(1_000_000 + number)),
                        sender: .number(100 + number % 5),
                        channel: number.isMultiple(of: 2) ? .ftp : .web, mailbox: .incoming, receivedAt: now,
                        name: try #require(FileName("GO.\(number)")), hasTrigger: true, parts: [])
                    _ = try SetWriting(db: db, now: now).insert(set)
                    let decided = try SetWriting(db: db, now: now).decide(.refused(set), for: set)
                    answers.append(try #require(decided.answer?.id))
                }
                for answer in answers.reversed() { try AnswerWriting(db: db, now: now).notePublished(answer) }
            }
            try queue.close()
        }
        func tickets(_ numbers: some Sequence<Int>) -> [Ticket] {
            numbers.map { Ticket(.set, counter: Int64(1_000_000 + $0)) }
        }
        // Every tenth set is of the fourth sender over the web.
        let waiting = try harness.spool.answersWaiting(for: .web, of: .number(103), limit: 7)
        #expect(waiting.map(\.ticket) == tickets(stride(from: 1993, to: 0, by: -10).prefix(7)))
        #expect(
            waiting.allSatisfy { $0.sender == .number(103) && $0.mailbox == .outgoing && $0.files.count == 3 }
        )
        let all = try harness.spool.answersWaiting(for: .web, of: nil, limit: 5000)
        #expect(all.count == 1000)
        var seen: [Ticket] = []
        var cursor: Int64 = 0
        while let page = try Optional(
            harness.spool.answers(of: .number(103), after: cursor, unconfirmedOnly: false, limit: 99)),
            let last = page.last
        {
            seen += page.map(\.ticket)
            cursor = last.cursor
        }
        #expect(seen == tickets(stride(from: 1998, to: 0, by: -5)))
    }
}
