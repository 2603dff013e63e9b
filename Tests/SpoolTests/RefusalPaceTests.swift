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
        // What comes nevertheless is taken.
        try harness.putSet(burst + 2)
        let accepted = try harness.nextUndecided()
        try harness.accept(accepted)
        try harness.putSet(burst + 2)
        try harness.spool.record(.repeated(accepted.ticket), for: try harness.nextUndecided())
        for number in burst + 3...burst + 5 {
            try harness.putSet(number)
            try harness.refuse(try harness.nextUndecided())
        }
        #expect(try harness.home().pause > 0)
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
