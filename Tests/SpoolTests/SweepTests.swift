import Exchange
import Foundation
import Testing

@testable import Spool

@Suite struct SweepTests {
    private let day: TimeInterval = 86_400

    @Test func `what never became a set is sealed without trigger, files of one set together`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).2.1", "one")
        try harness.put("FS.\(stem).2.1", "one")
        try harness.put("notes.txt", "x")
        try harness.put("FI.\(stem).2.2.filepart", "half")
        harness.clock.advance(day)
        harness.spool.sweeper.sweep()
        #expect(try harness.rows().isEmpty)
        harness.clock.advance(1)
        harness.spool.sweeper.sweep()
        try eventually("sealed") { try harness.rows().count == 3 }
        let sets = try harness.rows().map(\.sealed).sorted { $0.name.escaped < $1.name.escaped }
        #expect(sets.map(\.name.escaped) == ["FI.\(stem).2.2.filepart", "GO.\(stem).2", "notes.txt"])
        #expect(sets.map(\.parts.count) == [1, 2, 1])
        #expect(sets.allSatisfy { !$0.hasTrigger })
        #expect(try harness.names().isEmpty)
    }

    @Test func `one young file keeps its set`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).2.1", "one")
        harness.clock.advance(day)
        try harness.put("FI.\(stem).2.2", "two")
        harness.clock.advance(2)
        harness.spool.sweeper.sweep()
        #expect(try harness.names().count == 2)
        harness.clock.advance(day)
        harness.spool.sweeper.sweep()
        try eventually("sealed") { try harness.rows().map(\.sealed.parts.count) == [2] }
    }

    @Test func `old files found after a restart are answered too`() throws {
        let harness = try Harness()
        try harness.put("FI.WECH.006400.20260101.00001.R", "one")
        try harness.reopen()
        harness.clock.advance(10 * 365 * day)
        harness.spool.sweeper.sweep()
        try eventually("sealed") {
            try harness.rows().map(\.sealed.name.escaped) == ["GO.WECH.006400.20260101.00001.R"]
        }
    }

    @Test func `held bytes go when the set is settled and answered, the row stays`() throws {
        let harness = try Harness()
        for number in 1...3 { try harness.putSet(number) }
        let sets = try (1...3).map { _ in try harness.nextUndecided() }
        try harness.refuse(sets[0])
        try harness.accept(sets[1])
        try eventually("retired") { try harness.row(sets[0].ticket).retiredAt != nil }
        try harness.waitForAnswer(sets[1].ticket)
        harness.spool.sweeper.sweep()
        #expect(harness.files("held") == [sets[1].ticket, sets[2].ticket].map(\.description).sorted())
        _ = harness.spool.nextUndelivered()
        try harness.spool.recordDelivered(sets[1].ticket)
        try eventually("retired") { try harness.row(sets[1].ticket).retiredAt != nil }
        #expect(harness.files("held") == [sets[2].ticket.description])
        #expect(try harness.row(sets[1].ticket).sealed == sets[1])
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `held bytes may be kept longer`() throws {
        var limits = SpoolLimits.forTests
        limits.heldRetention = 3600
        let harness = try Harness(limits: limits)
        _ = try harness.refused(1)
        harness.clock.advance(3599)
        harness.spool.sweeper.sweep()
        #expect(harness.files("held").count == 1)
        harness.clock.advance(1)
        harness.spool.sweeper.sweep()
        #expect(harness.files("held").isEmpty)
    }

    @Test func `an answer nobody fetched goes after its retention and can be had again`() throws {
        let harness = try Harness()
        let set = try harness.refused(1)
        harness.clock.advance(30 * day - 1)
        harness.spool.sweeper.sweep()
        #expect(try harness.names(.outgoing).count == 3)
        harness.clock.advance(1)
        harness.spool.sweeper.sweep()
        #expect(try harness.names(.outgoing).isEmpty)
        #expect(try harness.row(set.ticket).answer?.state == .expired)
        try harness.spool.republish(set.ticket)
        try harness.waitForAnswer(set.ticket)
        #expect(try harness.names(.outgoing).count == 3)
    }

    @Test func `the sweep and the early triggers have threads of their own`() throws {
        var limits = SpoolLimits.forTests
        limits.sweepInterval = 0.05
        limits.earlyTriggerWait = 0.1
        let harness = try Harness(limits: limits)
        try harness.put("GO.\(Harness.stem(1)).1")
        try harness.put("notes.txt", "x")
        harness.clock.advance(day + 1)
        try eventually("sealed") { try harness.rows().count == 2 }
    }
}
