import Exchange
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Spool

@Suite struct AnswerWatchTests {
    /// Counts who was told.
    private final class Told: Sendable {
        private let times = Mutex<[Int: Int]>([:])

        func note(_ waiter: Int) { times.withLock { $0[waiter, default: 0] += 1 } }

        var all: [Int: Int] { times.withLock { $0 } }
        var isEmpty: Bool { all.isEmpty }

        func wait(for count: Int) throws { try eventually("told") { self.all.count >= count } }
    }

    /// Long enough that nobody is told because of it.
    private let long: TimeInterval = 3600

    @Test func `who waits is told when the receipt can be read, and who comes later at once`() throws {
        let harness = try Harness()
        let told = Told()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        harness.spool.whenAnswered(set.ticket, within: long) { told.note(1) }
        harness.spool.whenAnswered(Ticket(.set, counter: 999_999), within: long) { told.note(9) }
        #expect(told.isEmpty)
        try harness.refuse(set)
        try told.wait(for: 1)
        #expect(try harness.row(set.ticket).answer?.state == .published)
        harness.spool.whenAnswered(set.ticket, within: long) { told.note(2) }
        try told.wait(for: 2)
        try harness.spool.noteTaken(
            try #require(harness.spool.answersWaiting(for: .sftp, of: nil, limit: 1).first))
        harness.spool.whenAnswered(set.ticket, within: long) { told.note(3) }
        try told.wait(for: 3)
        #expect(told.all == [1: 1, 2: 1, 3: 1])
    }

    @Test(arguments: [true, false])
    func `who waits for a repeat is told when the first receipt is there again`(isEarly: Bool) throws {
        let harness = try Harness()
        let told = Told()
        try harness.putSet(1)
        let first = try harness.nextUndecided()
        try harness.accept(first, for: nil)
        try harness.waitForAnswer(first.ticket)
        try harness.putSet(1)
        let second = try harness.nextUndecided()
        if isEarly { harness.spool.whenAnswered(second.ticket, within: long) { told.note(1) } }
        // Nothing can be published in a directory that is a file.
        let outbox = harness.path("outbox/006400/OUT")
        try FileManager.default.removeItem(atPath: outbox)
        _ = FileManager.default.createFile(atPath: outbox, contents: Data())
        try harness.spool.record(.repeated(first.ticket), for: second)
        if !isEarly { harness.spool.whenAnswered(second.ticket, within: long) { told.note(1) } }
        #expect(told.isEmpty)
        try FileManager.default.removeItem(atPath: outbox)
        try FileManager.default.createDirectory(atPath: outbox, withIntermediateDirectories: true)
        try told.wait(for: 1)
        #expect(try harness.names(.outgoing).count == 3)
        harness.spool.whenAnswered(second.ticket, within: long) { told.note(2) }
        try told.wait(for: 2)
        #expect(told.all == [1: 1, 2: 1])
    }

    @Test func `an answer issued again while it was being published is there for whoever waits for it again`()
        throws
    {
        let harness = try Harness()
        let told = Told()
        let set = try harness.refused(1)
        // The decision on a repeat is noted only now, when the publication before it has served for both.
        let repeated = Ticket(.set, counter: 999_999)
        _ = harness.spool.watch.add(repeated, within: long) { told.note(1) }
        harness.spool.watch.noteRepeat(repeated, of: set.ticket)
        let answer = try harness.spool.ledger.read {
            try Row.fetchOne($0, sql: "SELECT id, sender FROM answer").map(AnswerToPublish.init)
        }
        harness.spool.publisher.publish(try #require(answer))
        try told.wait(for: 1)
    }

    @Test(arguments: [-1, 0, 0.01, 0.2, .nan] as [TimeInterval])
    func `who waited long enough is told without a receipt`(seconds: TimeInterval) throws {
        let harness = try Harness()
        let told = Told()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        let begin = ProcessInfo.processInfo.systemUptime
        harness.spool.whenAnswered(set.ticket, within: seconds) { told.note(1) }
        try told.wait(for: 1)
        if seconds > 0 { #expect(ProcessInfo.processInfo.systemUptime - begin >= seconds) }
        try harness.refuse(set)
        try harness.waitForAnswer(set.ticket)
        #expect(told.all == [1: 1])
    }

    @Test func `a thousand who wait at once are each told once`() throws {
        let harness = try Harness()
        let told = Told()
        let sets = try (1...20).map { number in
            try harness.putSet(number)
            return try harness.nextUndecided()
        }
        // They come while the answers do, and before and after.
        DispatchQueue.concurrentPerform(iterations: 21) { index in
            if index == 10 {
                for set in sets { #expect(throws: Never.self) { try harness.refuse(set) } }
                return
            }
            for number in 0..<50 {
                let waiter = index * 50 + number
                let wait = number.isMultiple(of: 10) ? Double(number) / 1000 : long
                harness.spool.whenAnswered(sets[waiter % 20].ticket, within: wait) { told.note(waiter) }
            }
        }
        try told.wait(for: 1000)
        for set in sets { try harness.waitForAnswer(set.ticket) }
        #expect(told.all.count == 1000)
        #expect(told.all.values.allSatisfy { $0 == 1 })
    }

    @Test func `who is told may ask again, and wait in a callback for no lock`() throws {
        let harness = try Harness()
        let told = Told()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        let spool = harness.spool
        spool.whenAnswered(set.ticket, within: 0) { [long] in
            spool.whenAnswered(set.ticket, within: long) { told.note(1) }
        }
        try harness.refuse(set)
        try told.wait(for: 1)
    }

    @Test func `closing tells everyone, and later comers at once`() throws {
        let harness = try Harness()
        let told = Told()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        for waiter in 1...3 { harness.spool.whenAnswered(set.ticket, within: long) { told.note(waiter) } }
        harness.spool.close()
        #expect(told.all.count == 3)
        harness.spool.whenAnswered(set.ticket, within: long) { told.note(4) }
        #expect(told.all == [1: 1, 2: 1, 3: 1, 4: 1])
    }
}
