import Exchange
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Spool

@Suite struct OrderTests {
    private let later = Deferral(.registryUnavailable, "The registry is silent.")

    @Test func `sets are handed out in the order of their reception, each to one caller`() throws {
        let harness = try Harness()
        for number in 1...5 { try harness.putSet(number) }
        let sets = try (1...5).map { _ in try harness.nextUndecided() }
        #expect(sets.map(\.name.escaped) == (1...5).map { "GO.\(Harness.stem($0)).1" })
        #expect(Set(sets.map(\.ticket)).count == 5)
    }

    @Test func `a set waits for the earlier one of its name`() throws {
        let harness = try Harness()
        try harness.putSet(1, text: "first")
        try harness.putSet(1, text: "second")
        try harness.putSet(1, text: "third")
        try harness.putSet(2)
        let first = try harness.nextUndecided()
        #expect(try harness.nextUndecided().name.escaped == "GO.\(Harness.stem(2)).1")
        try harness.refuse(first)
        let second = try harness.nextUndecided()
        #expect(second.name == first.name)
        #expect(second.parts[0].size == 6)
        try harness.spool.hold(second.ticket, later)
        try harness.putSet(3)
        #expect(try harness.nextUndecided().name.escaped == "GO.\(Harness.stem(3)).1")
        try harness.spool.release(second.ticket)
        #expect(try harness.nextUndecided().ticket == second.ticket)
        try harness.refuse(second)
        #expect(try harness.nextUndecided().parts[0].size == 5)
    }

    @Test func `a set is withheld unless somebody has it in hand, and waits for its release`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.putSet(2)
        let first = try harness.nextUndecided()
        #expect(throws: SpoolFault(.inHand, "")) { try harness.spool.withhold(first.ticket, later) }
        try harness.refuse(first)
        let rows = try harness.spool.ledger.sets(limit: 10, includingSettled: false)
        let waiting = try #require(rows.first)
        try harness.spool.withhold(waiting.sealed.ticket, later)
        #expect(try harness.row(waiting.sealed.ticket).state == .held)
        try harness.putSet(3)
        #expect(try harness.nextUndecided().name.escaped == "GO.\(Harness.stem(3)).1")
        #expect(throws: SpoolFault(.wrongState, "")) { try harness.spool.withhold(first.ticket, later) }
        try harness.spool.release(waiting.sealed.ticket)
        #expect(try harness.nextUndecided().ticket == waiting.sealed.ticket)
    }

    @Test func `a postponed set is handed out at once when it is asked for`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        try harness.spool.postpone(set.ticket, later, until: harness.clock.now + 60)
        try harness.spool.requeue(set.ticket)
        #expect(try harness.nextUndecided().ticket == set.ticket)
        #expect(try harness.row(set.ticket).attempt == 1)
        try harness.refuse(set)
        #expect(throws: SpoolFault(.wrongState, "")) { try harness.spool.requeue(set.ticket) }
    }

    @Test func `names bind within one sender only`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        for prefix in ["FI", "FS", "GO"] {
            try harness.put("\(prefix).\(Harness.stem(1)).1\(prefix == "GO" ? "" : ".1")", by: .number(7))
        }
        let sets = try (1...2).map { _ in try harness.nextUndecided() }
        #expect(Set(sets.map(\.sender)) == [.first, .number(7)])
        let first = try #require(sets.first { $0.sender == .first })
        try harness.accept(first)
        #expect(try harness.spool.accepted(named: first.name, by: .first)?.ticket == first.ticket)
        #expect(try harness.spool.accepted(named: first.name, by: .number(7)) == nil)
    }

    @Test func `how many workers a set failed is known to who tries it next, also after a restart`() throws {
        let harness = try Harness()
        let failed = Deferral(.workerFailed, "The worker ended.")
        try harness.putSet(1)
        // Takes it and puts it off.
        func workersFailed(then deferral: Deferral) throws -> Int {
            let set = try #require(harness.spool.nextUndecided())
            try harness.spool.postpone(set.set.ticket, deferral, until: harness.clock.now - 1)
            return set.workersFailed
        }
        #expect(try workersFailed(then: failed) == 0)
        #expect(try workersFailed(then: later) == 1)
        try harness.reopen()
        #expect(try workersFailed(then: failed) == 1)
        let set = try #require(harness.spool.nextUndecided())
        #expect(set.workersFailed == 2 && set.attempt == 3)
        try harness.spool.hold(set.set.ticket, failed)
        try harness.spool.release(set.set.ticket)
        #expect(try workersFailed(then: later) == 0)
    }

    @Test func `a postponed set comes back when it is due, with its reason`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        try harness.spool.postpone(set.ticket, later, until: harness.clock.now + 60)
        let row = try harness.row(set.ticket)
        #expect(row.deferral == later)
        #expect(row.attempt == 1)
        #expect(row.dueAt == harness.clock.now + 60)
        try harness.putSet(2)
        #expect(try harness.nextUndecided().name.escaped == "GO.\(Harness.stem(2)).1")
        harness.clock.advance(60)
        let again = try #require(harness.spool.nextUndecided())
        #expect(again.set == set)
        #expect(again.attempt == 1)
        try harness.refuse(set)
        #expect(try harness.row(set.ticket).deferral == nil)
        #expect(throws: SpoolFault(.wrongState, "")) {
            try harness.spool.postpone(set.ticket, later, until: harness.clock.now)
        }
        let unknown = Ticket(.set, counter: 999_999)
        #expect(throws: SpoolFault(.unknownTicket, "")) { try harness.spool.hold(unknown, later) }
    }

    @Test func `a lease the ledger could not end is over at its time`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        try harness.ledger(
            "CREATE TRIGGER trouble BEFORE UPDATE ON fileSet BEGIN SELECT RAISE(ABORT, 'trouble'); END")
        #expect(throws: SpoolFault(.ledger, "")) { try harness.refuse(set) }
        #expect(throws: SpoolFault(.ledger, "")) {
            try harness.spool.postpone(set.ticket, later, until: harness.clock.now + 5)
        }
        try harness.ledger("DROP TRIGGER trouble")
        harness.clock.advance(5)
        #expect(try harness.nextUndecided() == set)
        try harness.refuse(set)
    }

    /// Writes sets into the ledger as if they had come before the start.
    private func backlog(_ sets: [(name: String, sender: Int)], in harness: Harness) throws {
        try harness.reopen {
            let queue = try DatabaseQueue(path: harness.path("ledger.sqlite"))
            try queue.write { db in
                let writing = SetWriting(db: db, now: harness.clock.now)
                for (index, one) in sets.enumerated() {
                    let set = SealedSet(
                        ticket: Ticket(.set, counter: Int64(1_000_000 + index)), sender: .number(one.sender),
                        channel: .sftp, mailbox: .incoming, receivedAt: harness.clock.now,
                        name: try #require(FileName(one.name)), hasTrigger: true, parts: [])
                    _ = try writing.insert(set)
                }
            }
            try queue.close()
        }
    }

    @Test func `more sets than fit in memory all come, once each and in order`() throws {
        let harness = try Harness()
        try backlog((0..<3500).map { ("GO.\($0)", 1 + $0 % 7) }, in: harness)
        var names: [String] = []
        for _ in 0..<3501 {
            let set = try #require(harness.spool.nextUndecided()).set
            names.append(set.name.escaped)
            if names.count.isMultiple(of: 2) { try harness.accept(set) }
            if names.count == 10 { try harness.putSet(1) }
        }
        // Who has one set waits for one of each other sender, not for all of them.
        let place = try #require(names.firstIndex(of: "GO.\(Harness.stem(1)).1"))
        #expect((10...18).contains(place))
        names.remove(at: place)
        for sender in 0..<7 {
            let own = stride(from: sender, to: 3500, by: 7).map { "GO.\($0)" }
            #expect(names.filter(Set(own).contains) == own)
        }
        #expect(names.count == 3500)
    }

    @Test func `whoever has many sets waiting keeps nobody else waiting, before a restart or after`() throws {
        let harness = try Harness()
        let many = (0..<5000).map { ("GO.\($0)", 1) }
        let few = (5000..<5003).map { ("GO.\($0)", 2) }
        try backlog(many + few, in: harness)
        func next(_ count: Int) -> [SenderNumber?] {
            (1...count).map { _ in harness.spool.nextUndecided()?.set.sender }
        }
        #expect(next(6) == [1, 2, 1, 2, 1, 2].map { .number($0) })
        for round in 1...4 {
            #expect(Set(next(99)) == [.number(1)])
            try harness.putSet(round, by: .number(3))
            #expect(Set(next(2)) == [.number(1), .number(3)])
        }
    }

    @Test func `of very many senders with sets waiting each has its turns, the last one as the first`() throws
    {
        let harness = try Harness(below: Harness.memory)
        let many = (0..<6000).map { ("GO.\($0)", 1 + $0 % 40) }
        try backlog(many + [("GO.last", 99)], in: harness)
        var sets: [SenderNumber: [String]] = [:]
        for count in 1...6001 {
            let set = try #require(harness.spool.nextUndecided()).set
            sets[set.sender, default: []].append(set.name.escaped)
            if count.isMultiple(of: 20) { try harness.refuse(set) }
            // No sender is ahead of another who has as many waiting.
            guard count == 100 || count == 3000 else { continue }
            #expect(sets[.number(99)] == ["GO.last"])
            let counts = (1...40).map { sets[.number($0)]?.count ?? 0 }
            let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
            #expect(most - least <= 3, "\(counts)")
        }
        #expect(sets.count == 41)
        for (index, sender) in (1...40).map({ SenderNumber.number($0) }).enumerated() {
            #expect(sets[sender] == (0..<150).map { "GO.\($0 * 40 + index)" })
        }
    }

    @Test func `a sender has so many sets in hand at once, others go on, and none is left behind`() throws {
        var limits = SpoolLimits.forTests
        limits.decisionsPerSender = 3
        let harness = try Harness(limits: limits, below: Harness.memory)
        let others = (200..<220).map { ("GO.\($0)", $0 - 198) }
        try backlog((0..<200).map { ("GO.\($0)", 1) } + others, in: harness)
        let one = SenderNumber.number(1)
        let inHand = Mutex<(sets: [SealedSet], taken: Int)>(([], 0))
        let workers = Workers()
        workers.start("decide") { [spool = harness.spool] in
            while let set = spool.nextUndecided()?.set {
                inHand.withLock { inHand in
                    inHand.sets.append(set)
                    inHand.taken += 1
                }
            }
        }
        try eventually("three of the one and all of the others") { inHand.withLock { $0.sets.count == 23 } }
        // By whatever ends a lease, in any order.
        var postponed = 0
        for round in 1...229 {
            try eventually("as many in hand as may be, in round \(round)") {
                inHand.withLock { inHand in
                    inHand.taken == 220 + postponed || inHand.sets.count { $0.sender == one } >= 3
                }
            }
            let (own, set) = inHand.withLock { inHand in
                let own = inHand.sets.count { $0.sender == one }
                return (own, inHand.sets.remove(at: Int.random(in: 0..<inHand.sets.count)))
            }
            #expect(own <= 3)
            if round.isMultiple(of: 23) {
                postponed += 1
                try harness.spool.postpone(set.ticket, later, until: harness.clock.now - 1)
            } else if round.isMultiple(of: 7) {
                try harness.spool.hold(set.ticket, later)
            } else {
                try harness.refuse(set)
            }
        }
        #expect(inHand.withLock { $0.taken } == 229)
        harness.spool.stopHandingOut()
        workers.join()
    }

    @Test func `delivery keeps the order of a sender for each destination`() throws {
        let harness = try Harness()
        for number in 1...4 { try harness.putSet(number) }
        try harness.putSet(1, by: .number(7))
        let sets = try (1...5).map { _ in try harness.nextUndecided() }.sorted {
            $0.ticket.description < $1.ticket.description
        }
        // The second, third and fourth are decided while the first is not: none of them may go before it.
        try harness.accept(sets[1], for: "a")
        try harness.accept(sets[2], for: "b")
        try harness.accept(sets[3], for: "a")
        try harness.accept(sets[4], for: "a")
        let other = try #require(harness.spool.nextUndelivered())
        #expect(other.set == sets[4])
        #expect(other.destination == "a")
        #expect(other.decisionJSON == "{\"a\":1}")
        try harness.accept(sets[0], for: "a")
        #expect(
            Set([harness.spool.nextUndelivered()?.set, harness.spool.nextUndelivered()?.set]) == [
                sets[0], sets[2],
            ])
        try harness.spool.recordDelivered(sets[0].ticket)
        #expect(harness.spool.nextUndelivered()?.set == sets[1])
        try harness.spool.postpone(sets[1].ticket, later, until: harness.clock.now + 30)
        try harness.spool.recordDelivered(sets[2].ticket)
        harness.clock.advance(30)
        let again = try #require(harness.spool.nextUndelivered())
        #expect(again.set == sets[1])
        #expect(again.attempt == 1)
        try harness.spool.recordDelivered(sets[1].ticket)
        #expect(harness.spool.nextUndelivered()?.set == sets[3])
        #expect(try harness.row(sets[1].ticket).state == .routed)
        #expect(throws: SpoolFault(.wrongState, "")) { try harness.spool.recordDelivered(sets[1].ticket) }
    }

    @Test func `sets that may follow each other are handed out together, and noted together or not at all`()
        throws
    {
        let harness = try Harness()
        for number in 1...7 { try harness.putSet(number) }
        let sets = try (1...7).map { _ in try harness.nextUndecided() }
        for index in [0, 1, 3, 4, 6] { try harness.accept(sets[index], for: "a") }
        try harness.accept(sets[2], for: "b")
        func next(_ limit: Int) -> [SealedSet] {
            harness.spool.nextUndelivered(atMost: limit)?.map(\.set) ?? []
        }
        // The sixth is undecided, so the seventh must wait; the third goes elsewhere.
        let (one, two) = (next(10), next(10))
        #expect(Set([one, two]) == [[sets[0], sets[1], sets[3], sets[4]], [sets[2]]])
        try harness.spool.recordDelivered([sets[0].ticket, sets[1].ticket])
        #expect(next(1) == [sets[3]])
        #expect(throws: SpoolFault(.wrongState, "")) {
            try harness.spool.recordDelivered([sets[3].ticket, sets[1].ticket])
        }
        #expect(try harness.row(sets[3].ticket).state == .accepted)
        try harness.spool.postpone(sets[4].ticket, later, until: harness.clock.now + 30)
        try harness.spool.recordDelivered([sets[3].ticket])
        try harness.spool.recordDelivered([sets[2].ticket])
        try harness.accept(sets[5], for: "a")
        harness.clock.advance(30)
        #expect(next(10) == [sets[4], sets[5], sets[6]])
    }

    @Test func `what is delivered together is in hand, and what was withheld is not delivered with it`()
        throws
    {
        let harness = try Harness()
        for number in 1...4 { try harness.putSet(number) }
        let sets = try (1...4).map { _ in try harness.nextUndecided() }
        for set in sets { try harness.accept(set) }
        try harness.spool.withhold(sets[1].ticket, later)
        #expect(harness.spool.nextUndelivered(atMost: 2)?.map(\.set) == [sets[0], sets[2]])
        #expect(throws: SpoolFault(.inHand, "")) { try harness.spool.withhold(sets[2].ticket, later) }
        try harness.spool.withhold(sets[3].ticket, later)
        // The first alone: the lease of the other ends with it.
        try harness.spool.recordDelivered(sets[0].ticket)
        try harness.spool.withhold(sets[2].ticket, later)
        #expect(try harness.spool.counts(.held) == 3)
    }

    @Test func `one that is put off lets none that came after it go along`() throws {
        let harness = try Harness()
        for number in 1...4 { try harness.putSet(number) }
        let sets = try (1...4).map { _ in try harness.nextUndecided() }
        for set in sets { try harness.accept(set) }
        try harness.spool.postpone(sets[2].ticket, later, until: harness.clock.now + 30)
        #expect(harness.spool.nextUndelivered(atMost: 10)?.map(\.set) == [sets[0], sets[1]])
    }

    @Test func `a held set holds up no delivery, and goes when it is released`() throws {
        let harness = try Harness()
        for number in 1...3 { try harness.putSet(number) }
        let sets = try (1...3).map { _ in try harness.nextUndecided() }
        try harness.accept(sets[1])
        try harness.accept(sets[2])
        try harness.spool.hold(sets[0].ticket, later)
        #expect(harness.spool.nextUndelivered()?.set == sets[1])
        try harness.spool.hold(sets[1].ticket, later)
        #expect(harness.spool.nextUndelivered()?.set == sets[2])
        try harness.spool.recordDelivered(sets[2].ticket)
        try harness.spool.release(sets[1].ticket)
        try harness.spool.release(sets[0].ticket)
        let set = try harness.nextUndecided()
        #expect(set == sets[0])
        try harness.refuse(set)
        #expect(harness.spool.nextUndelivered()?.set == sets[1])
    }

    @Test func `undelivered sets are handed out after a restart`() throws {
        let harness = try Harness()
        for number in 1...3 { try harness.putSet(number) }
        let sets = try (1...3).map { _ in try harness.nextUndecided() }
        for set in sets { try harness.accept(set) }
        #expect(harness.spool.nextUndelivered()?.set == sets[0])
        try harness.reopen()
        for set in sets {
            #expect(harness.spool.nextUndelivered()?.set == set)
            try harness.spool.recordDelivered(set.ticket)
        }
        #expect(try harness.spool.ledger.counts().routed == 3)
    }

    @Test func `whoever waits for work is let go at the end`() throws {
        let harness = try Harness()
        let ended = Pending<Bool>()
        let workers = Workers()
        workers.start("decide") { [spool = harness.spool] in
            ended.settle(.success(spool.nextUndecided() == nil))
        }
        workers.start("deliver") { [spool = harness.spool] in _ = spool.nextUndelivered() }
        harness.spool.stopHandingOut()
        #expect(try ended.wait())
        workers.join()
    }

    @Test func `looking for work never reads the whole ledger`() throws {
        let harness = try Harness()
        harness.spool.close()
        let queue = try DatabaseQueue(path: harness.path("ledger.sqlite"))
        let plans = try queue.read { db in
            try [
                WaitingSets.undecidedSQL, WaitingSets.nextSenderSQL, WaitingSets.nextHeadSQL,
                WaitingSets.headOfSenderSQL,
                WaitingSets.lineSQL, WaitingSets.firstUndecidedSQL, WaitingSets.soonestSQL,
                "SELECT 1 FROM fileSet WHERE sender = 'x' AND name = 'y' AND seq < 3 AND decidedAt IS NULL LIMIT 1",
                "SELECT ticket FROM fileSet WHERE settledAt IS NOT NULL AND retiredAt IS NULL AND settledAt <= 1",
                "SELECT id FROM answer WHERE state = 'issued' ORDER BY id",
                "SELECT id FROM answer WHERE state IN ('published', 'taken') AND publishedAt <= 1 ORDER BY publishedAt",
                "SELECT id FROM answer WHERE state = 'published' AND channel = 'x' ORDER BY publishedAt, id",
            ].map { sql in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql.replacing("?", with: "1")).map {
                    $0["detail"] as String
                }.joined()
            }
        }
        for plan in plans {
            #expect(plan.contains("INDEX"), "\(plan)")
            #expect(!plan.contains("TEMP B-TREE"), "\(plan)")
        }
    }
}
