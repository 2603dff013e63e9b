import Exchange
import Foundation
import GRDB
import Logging
import Synchronization
import Testing

@testable import Spool

@Suite struct WaitingTests {
    @Test func `taking a ticket never waits for the committer`() throws {
        let desk = try CommitterDesk()
        let committer = desk.committer
        let tickets = TicketDispenser(committer: committer)
        // Nobody commits: whoever waited for it would wait for ever.
        #expect(throws: SpoolFault(.ledger, "")) { try tickets.next() }
        let workers = Workers()
        workers.start("commit") { committer.run() }
        try tickets.fill()
        var taken: Set<Ticket> = []
        for _ in 1...1000 { taken.insert(try tickets.next()) }
        try tickets.fill()
        for _ in 1...1000 { taken.insert(try tickets.next()) }
        #expect(taken.count == 2000)
        committer.close()
        workers.join()
        #expect(throws: SpoolFault(.closed, "")) {
            while true { _ = try tickets.next() }
        }
        #expect(throws: SpoolFault(.closed, "")) { try tickets.fill() }
    }

    @Test func `seals that fail while others are sealed hold up nobody`() throws {
        let harness = try Harness()
        try harness.ledger(
            """
            CREATE TRIGGER trouble BEFORE INSERT ON fileSet WHEN substr(NEW.ticket, -1) IN ('2', '5', '8')
            BEGIN SELECT RAISE(ABORT, 'trouble'); END
            """)
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 16) { index in
            for number in 1...20 {
                failures.catching { try harness.putSet(number, by: .number(100 + index % 4)) }
            }
        }
        try harness.ledger("DROP TRIGGER trouble")
        harness.clock.advance(1000)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") {
            try (0..<4).allSatisfy { try harness.names(of: .number(100 + $0)).isEmpty }
        }
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `sets pass in the order in which they entered`() {
        let order = SealOrder()
        let passed = Mutex<[Int64]>([])
        let tickets = (0..<4).map { Ticket(.set, counter: $0) }
        for ticket in tickets { order.enter(ticket) }
        func pass(_ index: Int) {
            order.pass(tickets[index]) { passed.withLock { $0.append(Int64(index)) } }
        }
        pass(2)
        pass(1)
        #expect(passed.withLock { $0 }.isEmpty)
        order.pass(tickets[0])
        #expect(passed.withLock { $0 } == [1, 2])
        pass(3)
        #expect(passed.withLock { $0 } == [1, 2, 3])
    }

    @Test func `sets of one sender stand in the ledger in the order of their reception`() throws {
        let harness = try Harness()
        let home = try harness.home()
        var answers: [Pending<Void>] = []
        for number in 1...40 {
            let stem = Harness.stem(number)
            // The odd ones take far longer to be synced.
            let text = String(repeating: "a", count: number.isMultiple(of: 2) ? 1 : 2_000_000)
            try harness.put("FI.\(stem).1.1", text)
            try harness.put("FS.\(stem).1.1", "signature")
            let name = try #require(FileName("GO.\(stem).1"))
            let upload = try home.upload(name, in: .incoming, mode: .replace(exclusively: false))
            let answer = Pending<Void>()
            upload.close { answer.settle($0.mapError { SpoolFault(.disk, "\($0)") }) }
            answers.append(answer)
        }
        for answer in answers { try answer.wait() }
        let names = try harness.rows().map(\.sealed.name.escaped)
        #expect(names == (1...40).map { "GO.\(Harness.stem($0)).1" })
    }

    @Test func `a set that could not be put on hold is handed out again`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        try harness.ledger(
            "CREATE TRIGGER trouble BEFORE UPDATE ON fileSet BEGIN SELECT RAISE(ABORT, 'trouble'); END")
        #expect(throws: SpoolFault.self) {
            try harness.spool.hold(set.ticket, Deferral(.unknown, "For a look."))
        }
        try harness.ledger("DROP TRIGGER trouble")
        harness.clock.advance(1)
        let again = Pending<Ticket?>()
        Thread { [harness] in again.settle(.success(harness.spool.nextUndecided()?.set.ticket)) }.start()
        #expect(try again.wait() == set.ticket)
    }

    @Test func `what becomes due while the ledger is looked through is looked for again`() throws {
        let (begun, goOn, ended) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        let scans = Mutex(0)
        let looks = DispatchSemaphore(value: 0)
        let ticket = Ticket(.set, counter: 1)
        let queue = LeaseQueue<Int>(
            "test", capacity: 10, faults: FaultLog("not read", .quiet),
            clock: {
                looks.signal()
                return Date()
            },
            scan: {
                let scan = scans.withLock { scans in
                    scans += 1
                    return scans
                }
                if scan > 1 { return .init(senders: [.first], soonestDue: nil) }
                begun.signal()
                goOn.wait()
                return .init(senders: [], soonestDue: nil)
            }, read: { _, _ in [.init(ticket: ticket, sender: .first, item: 1)] })
        for _ in 1...2 {
            Thread {
                if queue.take() != nil { ended.signal() }
            }.start()
        }
        begun.wait()
        // The other thread sees that something is due while the first still looks through the ledger.
        queue.noteDue(Date() - 1)
        #expect(looks.wait(timeout: .now() + 60) == .success)
        goOn.signal()
        #expect(ended.wait(timeout: .now() + 60) == .success)
        queue.stop()
    }

    @Test func `a sender whose sets cannot be read keeps nobody else waiting, and is asked again`() throws {
        let other = SenderNumber.number(7)
        let isMended = Mutex(false)
        let readings = Mutex<[SenderNumber: Int]>([:])
        let queue = LeaseQueue<Int>(
            "test", capacity: 100, faults: FaultLog("not read", .quiet), clock: { Date() },
            scan: { .init(senders: [.first, other], soonestDue: nil) },
            read: { sender, _ in
                let reading = readings.withLock { readings in
                    readings[sender, default: 0] += 1
                    return readings[sender] ?? 0
                }
                if sender == .first, !isMended.withLock({ $0 }) {
                    throw SpoolFault(.ledger, "damaged")
                }
                guard reading == 1 || sender == .first else { return [] }
                let first: Int64 = sender == .first ? 1000 : 0
                return (first..<first + 40).map {
                    .init(ticket: Ticket(.set, counter: $0), sender: sender, item: Int($0))
                }
            })
        let taken = (0..<40).compactMap { _ in queue.take()?.item }
        #expect(taken == Array(0..<40))
        // It would be asked at each of its turns.
        #expect(readings.withLock { $0[.first] ?? 0 } < 20)
        isMended.withLock { $0 = true }
        #expect(queue.take()?.item == 1000)
    }

    @Test func `a row of a damaged sender keeps nobody else's sets from being found`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        try harness.ledger(
            """
            INSERT INTO fileSet
            (ticket, sender, channel, mailbox, receivedAt, name, identity, hasTrigger, state, attempt, dueAt)
            VALUES ('damaged-00001', 'nobody', 'sftp', 'IN', 0, 'GO.a', 'GO.a', 1, 'received', 0, 0)
            """)
        // What was released is found by looking through the ledger.
        try harness.spool.hold(set.ticket, Deferral(.unknown, "For a look."))
        try harness.spool.release(set.ticket)
        let again = Mutex<Ticket?>(nil)
        Thread.detachNewThread { [spool = harness.spool] in
            let ticket = spool.nextUndecided()?.set.ticket
            again.withLock { $0 = ticket }
        }
        try eventually("handed out again") { again.withLock { $0 } == set.ticket }
    }

    @Test func `a queue that cannot be read says so once for every change of its fault`() throws {
        let log = LogLines()
        let readings = Mutex(0)
        let ticket = Ticket(.set, counter: 1)
        let queue = LeaseQueue<Int>(
            "test", capacity: 1, faults: FaultLog("not read", log.logger), clock: { Date() },
            scan: { .init(senders: [.first], soonestDue: nil) },
            read: { _, _ in
                let reading = readings.withLock { readings in
                    readings += 1
                    return readings
                }
                if reading < 4 { throw SpoolFault(.ledger, reading == 3 ? "second" : "first") }
                return [.init(ticket: ticket, sender: .first, item: reading)]
            })
        #expect(queue.take()?.item == 4)
        #expect(log.all.map(\.level) == [.error, .error, .notice])
        #expect(log.all.map(\.fault) == ["ledger-unavailable: first", "ledger-unavailable: second", ""])
    }
}
