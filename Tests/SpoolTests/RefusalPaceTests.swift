import Exchange
import Foundation
import Testing

@testable import Spool

/// A sender whose sets are refused one after another is slowed down, and nobody else.
@Suite struct RefusalPaceTests {
    private let burst = Int(RefusalPace.burst)

    @Test func `so many may be refused at once, then each costs its time, to a longest pause`() {
        var pace = RefusalPace(perSecond: 10)
        let other = SenderNumber.number(6401)
        for _ in 1...burst {
            let isFirst = pace.charge(.first, at: 1000)
            #expect(!isFirst)
            #expect(pace.pause(of: .first, at: 1000) == 0)
        }
        let isFirst = pace.charge(.first, at: 1000)
        #expect(isFirst)
        #expect(abs(pace.pause(of: .first, at: 1000) - 0.1) < 1e-6)
        #expect(pace.pause(of: .first, at: 1000.2) == 0)
        #expect(pace.pause(of: other, at: 1000) == 0)
        let times = (1...1000).count { _ in pace.charge(.first, at: 1000) }
        #expect(times == 0, "told once")
        #expect(abs(pace.pause(of: .first, at: 1000) - RefusalPace.longestPause) < 1e-6)
    }

    @Test func `what is accepted makes up for what is refused, and is not saved up`() {
        var pace = RefusalPace(perSecond: 10)
        for _ in 1...1000 {
            _ = pace.charge(.first, at: 1000)
            pace.forgive(.first)
        }
        #expect(pace.pause(of: .first, at: 1000) == 0)
        for _ in 1...1000 { pace.forgive(.first) }
        for _ in 0...burst { _ = pace.charge(.first, at: 1000) }
        #expect(pace.pause(of: .first, at: 1000) > 0)
    }

    @Test func `it is told again when nothing was owed in between`() {
        var pace = RefusalPace(perSecond: 10)
        func floods(at now: TimeInterval) -> Int {
            (0...burst).count { _ in pace.charge(.first, at: now) }
        }
        let told = [1000, 1001, 2000].map(floods)
        #expect(told == [1, 0, 1])
    }

    @Test func `those who owe nothing are forgotten`() {
        var pace = RefusalPace(perSecond: 10)
        for number in 1...5000 { _ = pace.charge(.number(number), at: Double(number)) }
        #expect(pace.count <= 2000)
    }

    @Test func `what is refused, repeated or a GO alone is counted, and nothing new is wanted for a while`()
        throws
    {
        let log = LogLines()
        let harness = try Harness(logger: log.logger)
        let other = SenderNumber.number(6401)
        #expect(try harness.home().pause == 0)
        for number in 1...burst { try harness.put("GO.\(Harness.stem(number)).1") }
        #expect(try harness.home().pause == 0)
        try harness.putSet(burst + 1)
        try harness.refuse(try harness.nextUndecided())
        #expect(try harness.home().pause > 0)
        #expect(harness.spool.pause(of: .first) > 0)
        #expect(try harness.home(other).pause == 0)
        #expect(log.count(of: "a sender whose sets are refused one after another is slowed down") == 1)
        harness.clock.jump(3600)
        #expect(try harness.home().pause > 0, "the clock was set")
        harness.clock.advance(0.2)
        #expect(try harness.home().pause == 0)
    }

    @Test func `an accepted set makes up for one that is owed, its repeat is owed`() throws {
        let harness = try Harness()
        for number in 100..<100 + burst {
            try harness.putSet(number)
            try harness.refuse(try harness.nextUndecided())
        }
        try harness.putSet(99)
        let accepted = try harness.nextUndecided()
        try harness.accept(accepted)
        try harness.putSet(99)
        try harness.spool.record(.repeated(accepted.ticket), for: try harness.nextUndecided())
        #expect(try harness.home().pause == 0)
        try harness.putSet(98)
        try harness.refuse(try harness.nextUndecided())
        #expect(abs(try harness.home().pause - 0.1) < 1e-6)
    }

    @Test func `a GO alone is counted once`() throws {
        var limits = SpoolLimits.forTests
        limits.refusedPerSecond = 1
        let harness = try Harness(limits: limits)
        for number in 1...burst { try harness.put("GO.\(Harness.stem(number)).1") }
        harness.clock.advance(limits.earlyTriggerWait)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == burst }
        for _ in 1...burst { try harness.refuse(try harness.nextUndecided()) }
        #expect(try harness.home().pause == 0)
        try harness.put("GO.\(Harness.stem(burst + 1)).1")
        #expect(try harness.home().pause > 0)
    }

    @Test func `a GO that is renamed into place is counted as any other`() throws {
        var limits = SpoolLimits.forTests
        limits.refusedPerSecond = 1
        let harness = try Harness(limits: limits)
        func put(_ number: Int) throws {
            try harness.put("x.tmp")
            try harness.home().rename("x.tmp", to: "GO.\(Harness.stem(number)).1")
        }
        for number in 1...burst { try put(number) }
        #expect(try harness.home().pause == 0)
        harness.clock.advance(limits.earlyTriggerWait)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == burst }
        for _ in 1...burst { try harness.refuse(try harness.nextUndecided()) }
        #expect(try harness.home().pause == 0)
        try put(burst + 1)
        #expect(try harness.home().pause > 0)
    }

    @Test func `while its sender pauses a GO waits for its files, a minute longer at the most`() throws {
        let harness = try Harness()
        let wait = harness.limits.earlyTriggerWait
        func owe(_ count: Int, from first: Int) throws {
            for number in first..<first + count { try harness.put("GO.\(Harness.stem(number)).1") }
        }
        try owe(burst + 40, from: 1)
        // The pause takes four seconds.
        harness.clock.advance(wait)
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.rows().isEmpty)
        harness.clock.advance(3.9)
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.rows().isEmpty)
        harness.clock.advance(0.2)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == burst + 40 }
        harness.clock.advance(1000)
        try owe(burst + 1, from: 1000)
        for second in 1...70 {
            harness.clock.advance(1)
            try owe(12, from: 2000 + second * 100)
            harness.spool.sweeper.sealOverdue()
        }
        try eventually("those of the beginning are sealed") {
            let names = Set(try harness.rows().map(\.sealed.name.escaped))
            return (1000...1000 + burst).allSatisfy { names.contains("GO.\(Harness.stem($0)).1") }
        }
        #expect(try harness.rows().count < burst + 40 + burst + 1 + 20 * 12)
    }

    @Test func `a GO whose files come after it costs nothing`() throws {
        let harness = try Harness()
        for number in 1...3 * burst {
            let stem = Harness.stem(number)
            try harness.put("GO.\(stem).1")
            try harness.put("FI.\(stem).1.1", "<a/>")
            try harness.put("FS.\(stem).1.1", "signature")
        }
        #expect(try harness.home().pause == 0)
    }

    @Test func `without a limit nobody is slowed down`() throws {
        var limits = SpoolLimits.forTests
        limits.refusedPerSecond = nil
        let harness = try Harness(limits: limits)
        for number in 1...3 * burst { try harness.put("GO.\(Harness.stem(number)).1") }
        #expect(try harness.home().pause == 0)
    }
}
