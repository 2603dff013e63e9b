import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

@Suite struct AnswerTests {
    @Test(
        arguments: [
            (1, "00001"), (99_999, "99999"), (100_000, "A0000"), (100_035, "A000Z"), (100_036, "A0010"),
            (100_000 + 1_679_616, "B0000"), (100_000 + 26 * 1_679_616 - 1, "ZZZZZ"),
        ] as [(Int64, String)])
    func `sequences go on with letters when digits run out`(number: Int64, text: String) {
        #expect(AnswerStem.sequence(number) == text)
    }

    @Test func `sequences end`() {
        #expect(AnswerStem.sequence(100_000 + 26 * 1_679_616) == nil)
        #expect(AnswerStem.sequence(0) == nil)
    }

    @Test func `the day of an answer is Belgian`() {
        #expect(AnswerStem.day(of: Date(timeIntervalSince1970: 1_767_221_999)) == "20251231")
        #expect(AnswerStem.day(of: Date(timeIntervalSince1970: 1_767_222_000)) == "20260101")
        #expect(AnswerStem.day(of: Date(timeIntervalSince1970: 1_782_856_800)) == "20260701")
    }

    @Test func `an answer that lies there is not written again, and after a failure all of it is`() throws {
        let harness = try Harness()
        _ = try harness.refused(1)
        let answer = try #require(try harness.spool.ledger.read { try IssuedAnswer(1, from: $0) })
        func inodes() throws -> [UInt64] {
            try answer.files.map { name, _ in
                let path = harness.path("outbox/006400/OUT/\(name)")
                return try #require(
                    try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64)
            }
        }
        let first = try inodes()
        #expect(first.count == 3)
        try harness.spool.outgoing.publish(answer, isRetry: false)
        #expect(try inodes() == first)
        try harness.spool.outgoing.publish(answer, isRetry: true)
        let second = try inodes()
        #expect(zip(first, second).allSatisfy { $0 != $1 })
    }

    @Test func `a receipt appears whole, with its GO, in the directory that answers`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.putSet(1, in: .incomingTest)
        try harness.putSet(2)
        for _ in 1...3 {
            let set = try harness.nextUndecided()
            try harness.refuse(set, text: set.name.escaped)
            try harness.waitForAnswer(set.ticket)
        }
        let stem = "ACRF.999999.20260101"
        #expect(
            try harness.names(.outgoing) == [
                "FO.\(stem).00001.R", "FO.\(stem).00002.R", "FS.\(stem).00001.R", "FS.\(stem).00002.R",
                "GO.\(stem).00001.R", "GO.\(stem).00002.R",
            ])
        #expect(
            try harness.names(.outgoingTest) == [
                "FO.\(stem).00001.T", "FS.\(stem).00001.T", "GO.\(stem).00001.T",
            ])
        let home = try harness.home()
        #expect(
            try home.text("FO.\(stem).00002.R", in: .outgoing) == "<ACRF>GO.\(Harness.stem(2)).1</ACRF>")
        #expect(try home.text("FS.\(stem).00002.R", in: .outgoing) == "signature")
        #expect(try home.text("GO.\(stem).00002.R", in: .outgoing).isEmpty)
        let entry = try home.entry(named: try #require(FileName("FO.\(stem).00002.R")), in: .outgoing)
        #expect(entry.size == UInt64("<ACRF>GO.\(Harness.stem(2)).1</ACRF>".utf8.count))
        let answer = try #require(try harness.rows()[0].answer)
        #expect(answer.stem == "\(stem).00001.R")
        #expect(answer.publishedAt == harness.clock.now)
        #expect(harness.files("outbox/006400/OUT").count == 6)
    }

    @Test func `the number begins anew with the day`() throws {
        let harness = try Harness()
        for day in 0...1 {
            for number in 1...2 {
                try harness.putSet(day * 10 + number)
                try harness.refuse(try harness.nextUndecided())
            }
            harness.clock.advance(86_400)
        }
        #expect(
            try harness.rows().compactMap(\.answer?.stem) == [
                "ACRF.999999.20260101.00001.R", "ACRF.999999.20260101.00002.R",
                "ACRF.999999.20260102.00001.R",
                "ACRF.999999.20260102.00002.R",
            ])
    }

    @Test func `the hundred thousandth answer of a day has a letter`() throws {
        let harness = try Harness()
        try harness.ledger(
            "INSERT INTO answerCounter (day, environment, last) VALUES ('20260101', 'R', 99998)")
        for number in 1...3 {
            try harness.putSet(number)
            try harness.refuse(try harness.nextUndecided())
        }
        #expect(
            try harness.rows().compactMap(\.answer?.stem) == [
                "ACRF.999999.20260101.99999.R", "ACRF.999999.20260101.A0000.R",
                "ACRF.999999.20260101.A0001.R",
            ])
    }

    @Test func `an answer issued before a crash is published at opening`() throws {
        let harness = try Harness()
        let set = try harness.refused(1)
        let name = "ACRF.999999.20260101.00001.R"
        try harness.reopen {
            try harness.ledger("UPDATE answer SET state = 'issued'")
            try FileManager.default.removeItem(atPath: harness.path("outbox/006400/OUT/FO.\(name)"))
            _ = FileManager.default.createFile(
                atPath: harness.path("outbox/006400/OUT/.7.FO.\(name)"), contents: Data())
        }
        try harness.waitForAnswer(set.ticket)
        #expect(try harness.names(.outgoing) == ["FO.\(name)", "FS.\(name)", "GO.\(name)"])
        #expect(harness.files("outbox/006400/OUT").count == 3)
        #expect(try harness.home().text("FO.\(name)", in: .outgoing) == "<ACRF>refused</ACRF>")
    }

    @Test func `an answer its reader deleted does not come back, until it is asked for`() throws {
        let harness = try Harness()
        let set = try harness.refused(1)
        for entry in try harness.home().entries(in: .outgoing) {
            try harness.home().remove(entry.name, in: .outgoing)
        }
        try harness.waitForAnswer(set.ticket, .deleted)
        // A reader may be quicker than the note that it was published.
        let now = harness.clock.now
        try harness.spool.committer.commit { try AnswerWriting(db: $0, now: now).notePublished(1) }
        #expect(try harness.row(set.ticket).answer?.state == .deleted)
        #expect(throws: HomeFault.noSuchFile) {
            try harness.home().remove(
                try #require(FileName("FO.ACRF.999999.20260101.00001.R")), in: .outgoing)
        }
        try harness.reopen()
        #expect(try harness.names(.outgoing).isEmpty)
        #expect(try harness.spool.findings().isEmpty)
        for _ in 1...2 {
            try harness.spool.republish(set.ticket)
            try harness.waitForAnswer(set.ticket)
            #expect(try harness.names(.outgoing).count == 3)
        }
    }

    @Test func `how an answer went is noted once`() throws {
        let harness = try Harness()
        let set = try harness.refused(1)
        let now = harness.clock.now
        let stem = try #require(try harness.row(set.ticket).answer?.stem)
        try harness.spool.committer.commit {
            try AnswerWriting(db: $0, now: now).noteExpired(1)
            try AnswerWriting(db: $0, now: now).noteDeleted(stem, of: .first)
        }
        #expect(try harness.row(set.ticket).answer?.state == .expired)
        try harness.spool.committer.commit {
            try $0.execute(sql: "UPDATE answer SET state = 'deleted'")
            try AnswerWriting(db: $0, now: now).noteExpired(1)
            try AnswerWriting(db: $0, now: now).noteTaken(set.ticket)
        }
        #expect(try harness.row(set.ticket).answer?.state == .deleted)
    }

    @Test func `a repeat is answered with the first receipt`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let first = try harness.nextUndecided()
        try harness.accept(first, for: nil)
        try harness.waitForAnswer(first.ticket)
        for entry in try harness.home().entries(in: .outgoing) {
            try harness.home().remove(entry.name, in: .outgoing)
        }
        try harness.waitForAnswer(first.ticket, .deleted)

        try harness.putSet(1)
        let second = try harness.nextUndecided()
        let bound = try #require(try harness.spool.accepted(named: second.name, by: .first))
        #expect(bound.ticket == first.ticket)
        #expect(bound.parts == second.parts)
        try harness.spool.record(.repeated(first.ticket), for: second)
        try harness.waitForAnswer(first.ticket)
        #expect(
            try harness.names(.outgoing).filter { $0.hasPrefix("FO") } == ["FO.ACRF.999999.20260101.00001.R"])
        let row = try harness.row(second.ticket)
        #expect(row.state == .routed)
        #expect(row.repeatOf == first.ticket)
        #expect(row.answer == nil)
        #expect(try harness.spool.accepted(named: second.name, by: .first)?.ticket == first.ticket)
        try harness.spool.republish(second.ticket)
        try harness.waitForAnswer(first.ticket)
    }

    @Test func `a receipt that still lies there shows by its time that it was given again`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let first = try harness.nextUndecided()
        try harness.accept(first, for: nil)
        try harness.waitForAnswer(first.ticket)
        let stamps = { try harness.home().entries(in: .outgoing).map(\.modifiedAt) }
        let before = try stamps()
        try harness.putSet(1)
        try harness.spool.record(.repeated(first.ticket), for: harness.nextUndecided())
        var isNewer = false
        for _ in 0..<6_000 where !isNewer {
            isNewer = try zip(before, stamps()).allSatisfy { $0 < $1 }
            usleep(5_000)
        }
        #expect(isNewer)
    }

    @Test func `a refused set does not bind its name`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        try harness.refuse(set)
        #expect(try harness.spool.accepted(named: set.name, by: .first) == nil)
        try harness.putSet(1)
        let second = try harness.nextUndecided()
        try harness.accept(second)
        #expect(try harness.spool.accepted(named: set.name, by: .first)?.ticket == second.ticket)
        #expect(try harness.spool.accepted(named: set.name, by: .number(6401)) == nil)
    }

    @Test func `channels that carry answers out see theirs until they took them`() throws {
        let harness = try Harness()
        for number in 1...3 {
            try harness.putSet(number, over: .folder)
            let set = try harness.nextUndecided()
            try harness.refuse(set)
            try harness.waitForAnswer(set.ticket)
        }
        let other = try harness.refused(4)
        let answers = try harness.spool.answersWaiting(for: .folder, of: nil, limit: 2)
        #expect(
            answers.map { $0.files.map(\.escaped) }[0]
                == ["FO", "FS", "GO"].map { "\($0).ACRF.999999.20260101.00001.R" })
        #expect(answers.count == 2)
        for answer in answers {
            try harness.spool.noteTaken(answer)
            try harness.spool.noteTaken(answer)
        }
        #expect(try harness.spool.answersWaiting(for: .folder, of: nil, limit: 10).count == 1)
        #expect(
            try harness.spool.answersWaiting(for: .sftp, of: nil, limit: 10).map(\.ticket) == [other.ticket])
        try harness.spool.republish(answers[0].ticket)
        try harness.waitForAnswer(answers[0].ticket)
        #expect(try harness.spool.answersWaiting(for: .folder, of: nil, limit: 10).count == 2)
    }

    @Test func `decision and receipt must fit each other`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        let receipt = RecordedDecision.receipt(set, "x")
        let wrong = RecordedDecision.Receipt(
            purpose: "ACRF", document: [], signature: [], mailbox: .incoming, channel: .sftp)
        let unfit = [
            RecordedDecision(outcome: .refused, codes: [], decisionJSON: "{}", receipt: nil),
            RecordedDecision(
                outcome: .accepted(destination: nil), codes: [], decisionJSON: "{}", receipt: nil),
            RecordedDecision(
                outcome: .repeated(of: set.ticket), codes: [], decisionJSON: "{}", receipt: receipt),
            RecordedDecision(outcome: .refused, codes: [], decisionJSON: "{}", receipt: wrong),
        ]
        for decision in unfit {
            #expect(throws: SpoolFault(.unfitDecision, "")) { try harness.spool.record(decision, for: set) }
        }
        #expect(throws: SpoolFault.self) { try harness.spool.record(.repeated(set.ticket), for: set) }
        try harness.refuse(set)
        #expect(throws: SpoolFault(.wrongState, "")) { try harness.refuse(set) }
        #expect(try harness.rows().count == 1)
    }

    @Test func `the schema itself refuses an outcome without receipt, two receipts, and a lost row`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.putSet(2)
        let set = try harness.nextUndecided()
        #expect(throws: DatabaseError.self) {
            try harness.ledger(
                """
                UPDATE fileSet SET state = 'refused', decision = '{}', decidedAt = 1, settledAt = 1
                WHERE ticket = '\(set.ticket)'
                """)
        }
        try harness.refuse(set)
        for sql in [
            """
            INSERT INTO answer (setSeq, kind, sender, mailbox, channel, stem, document, signature, state, issuedAt)
            SELECT setSeq, kind, sender, mailbox, channel, 'other', document, signature, 'issued', 1 FROM answer
            """,
            "DELETE FROM fileSet", "DELETE FROM answer", "UPDATE answer SET document = x'00'",
            "UPDATE fileSet SET name = 'other'", "UPDATE fileSet SET codes = '' WHERE state = 'refused'",
            "UPDATE fileSet SET state = 'held' WHERE state = 'received'",
        ] {
            #expect(throws: DatabaseError.self, "\(sql)") { try harness.ledger(sql) }
        }
    }

    @Test func `an answer whose sender cannot be read keeps neither the spool closed nor others from theirs`()
        throws
    {
        let harness = try Harness()
        let sets = try (1...2).map { number in
            try harness.putSet(number)
            let set = try harness.nextUndecided()
            try harness.refuse(set)
            try harness.waitForAnswer(set.ticket)
            return set
        }
        try harness.reopen {
            try harness.ledger(
                """
                DROP TRIGGER answerIsFixed; UPDATE answer SET state = 'issued';
                UPDATE answer SET sender = 'nobody' WHERE id = 1
                """)
        }
        try harness.waitForAnswer(sets[1].ticket)
    }
}
