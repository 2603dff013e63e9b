import Exchange
import Foundation
import Synchronization
import Testing

@testable import Spool

/// Somebody sets the clock while the spool is at work. An hour back or forward, no set is judged too early, none waits
/// for that hour to pass, and nothing is removed before its time.
@Suite struct ClockTests {
    private static let hour: TimeInterval = 3600
    private let stem = Harness.stem(1)

    @Test(arguments: [-hour, hour])
    func `a GO waits for its files as long as ever, whatever the clock is set to`(jump: TimeInterval) throws {
        let harness = try Harness()
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("GO.\(stem).1")
        harness.clock.jump(jump)
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.rows().isEmpty)
        #expect(try harness.names().count == 2)
        harness.clock.advance(harness.limits.earlyTriggerWait)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == 1 }
    }

    @Test func `an upload that goes on is not taken for idle when the clock is set forward`() throws {
        let harness = try Harness()
        let name = try #require(FileName("FI.\(stem).1.1"))
        let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        try upload.write("<a", at: 0)
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("GO.\(stem).1")
        harness.clock.jump(ClockTests.hour)
        harness.spool.sweeper.sealOverdue()
        harness.spool.sweeper.sweep()
        try upload.write("/>", at: 2)
        try upload.close()
        #expect(try harness.nextUndecided().parts.map(\.digest) == [.of("<a/>"), .of("signature")])
    }

    @Test func `what is received, decided, delivered and retired in an hour that comes twice is all of it`()
        throws
    {
        let harness = try Harness()
        for jump in [0, -ClockTests.hour, ClockTests.hour, ClockTests.hour, -ClockTests.hour] {
            harness.clock.jump(jump)
            let number = try harness.spool.ledger.counts().received
            for number in number + 1...number + 2 { try harness.putSet(number) }
            try harness.refuse(try harness.nextUndecided())
            let accepted = try harness.nextUndecided()
            try harness.accept(accepted)
            #expect(try #require(harness.spool.nextUndelivered()).set == accepted)
            try harness.spool.recordDelivered(accepted.ticket)
            try eventually("retired") { try harness.rows().allSatisfy { $0.retiredAt != nil } }
        }
        let answers = try harness.rows().compactMap(\.answer)
        #expect(Set(answers.map(\.stem)).count == 10)
        #expect(answers.allSatisfy { $0.state == .published })
        #expect(
            try harness.spool.ledger.counts()
                == .init(received: 10, waiting: 0, held: 0, routed: 5, refused: 5))
        #expect(try harness.spool.findings().isEmpty)
    }

    /// What a thread takes, without waiting for ever when it gets nothing.
    private func taken(_ what: String, _ take: @escaping @Sendable () -> SealedSet?) throws -> SealedSet {
        let taken = Mutex<SealedSet?>(nil)
        Thread.detachNewThread {
            let set = take()
            taken.withLock { $0 = set }
        }
        try eventually(what) { taken.withLock { $0 != nil } }
        return try #require(taken.withLock { $0 })
    }

    @Test func `a clock set back strands no set of a sender with more than fit in memory`() throws {
        let harness = try Harness(below: Harness.memory)
        let names = (1...70).map { "GO.\(Harness.stem($0)).1" }
        for number in 1...70 { try harness.putSet(number) }
        harness.clock.jump(-ClockTests.hour)
        let taken = Mutex<[String]>([])
        Thread.detachNewThread { [spool = harness.spool] in
            while let set = spool.nextUndecided()?.set { taken.withLock { $0.append(set.name.escaped) } }
        }
        try eventually("those in memory") { taken.withLock { $0.count >= 64 } }
        harness.spool.sweeper.sweep()
        try eventually("all") { taken.withLock { $0.count } == 70 }
        #expect(taken.withLock { $0 } == names)
    }

    @Test func `a clock set back holds up neither the repeat of a set nor what is to be delivered`() throws {
        let harness = try Harness()
        let spool = harness.spool
        for text in ["first", "second", "third"] { try harness.putSet(1, text: text) }
        let first = try harness.nextUndecided()
        harness.clock.jump(-ClockTests.hour)
        try harness.accept(first)
        spool.sweeper.sweep()
        let second = try taken("the second") { spool.nextUndecided()?.set }
        #expect(second.parts[0].size == 6)
        try harness.accept(second)
        try harness.accept(try taken("the third") { spool.nextUndecided()?.set })
        harness.clock.jump(-ClockTests.hour)
        for place in 1...3 {
            let set = try taken("delivery \(place)") { spool.nextUndelivered()?.set }
            try spool.recordDelivered(set.ticket)
            spool.sweeper.sweep()
        }
        #expect(try spool.ledger.counts().routed == 3)
    }

    @Test func `the pause of a set that was put off stays as long when the clock is set back`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        let later = Deferral(.unknown, "For a while.")
        try harness.spool.postpone(set.ticket, later, until: harness.clock.now + 60)
        harness.clock.jump(-ClockTests.hour)
        harness.spool.sweeper.sweep()
        #expect(try harness.row(set.ticket).dueAt == harness.clock.now + 60)
        harness.clock.advance(60)
        #expect(try harness.nextUndecided() == set)
    }

    @Test(arguments: [false, true])
    func `a clock that was set back before a start holds up nothing that was received`(isPostponed: Bool)
        throws
    {
        let harness = try Harness()
        try harness.putSet(1)
        if isPostponed {
            let set = try harness.nextUndecided()
            try harness.spool.postpone(
                set.ticket, Deferral(.unknown, "For a while."), until: harness.clock.now + 60)
        }
        try harness.reopen { harness.clock.jump(-ClockTests.hour) }
        #expect(try harness.nextUndecided().name.escaped == "GO.\(stem).1")
    }

    @Test func `a wait of the spool's threads ends when its time has passed, and at once when it is nudged`()
    {
        let condition = SteadyCondition()
        condition.lock()
        #expect(!condition.wait(atMost: 0.01))
        Thread.detachNewThread { condition.withLock { condition.broadcast() } }
        #expect(condition.wait(atMost: 3600))
        condition.unlock()
    }
}
