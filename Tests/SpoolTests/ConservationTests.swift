import Exchange
import Foundation
import Testing

@testable import Spool

@Suite struct ConservationTests {
    /// SplitMix64, so that a failing sequence can be had again by its seed.
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `after any sequence every set stands in one place and every byte has its row`(seed: UInt64) throws {
        let harness = try Harness()
        var chance = Chance(state: seed)
        var acknowledged = 0
        for _ in 1...120 {
            switch Int.random(in: 0..<12, using: &chance) {
            case 0...4:
                let sender = SenderNumber.number(Int.random(in: 1...3, using: &chance))
                try harness.putSet(Int.random(in: 1...5, using: &chance), by: sender, text: "\(seed)")
                acknowledged += 1
            case 5...7: try decide(harness, &chance)
            case 8, 9: try deliver(harness, &chance)
            case 10:
                let held = try harness.rows().filter { $0.state == .held }
                if let row = held.randomElement(using: &chance) {
                    try harness.spool.release(row.sealed.ticket)
                }
            default:
                harness.clock.advance(30)
                try harness.reopen()
            }
            let counts = try harness.spool.ledger.counts()
            #expect(counts.isConserved)
            #expect(counts.received == acknowledged)
        }
        #expect(try harness.spool.findings().isEmpty)
        #expect(try harness.rows().count == acknowledged)
        for row in try harness.rows() where row.decidedAt != nil {
            #expect((row.answer == nil) == (row.repeatOf != nil))
        }
    }

    /// True when a set can be had at once: due, and no earlier one of its name undecided.
    private func decide(_ harness: Harness, _ chance: inout Chance) throws {
        let undecided = try harness.rows().filter { $0.decidedAt == nil }
        let free = undecided.contains { row in
            row.state == .received && row.dueAt <= harness.clock.now
                && undecided.first {
                    $0.sealed.sender == row.sealed.sender && $0.sealed.name == row.sealed.name
                } == row
        }
        guard free, let set = harness.spool.nextUndecided()?.set else { return }
        let deferral = Deferral(.unknown, "By chance.")
        switch Int.random(in: 0..<5, using: &chance) {
        case 0: try harness.refuse(set)
        case 1: try harness.spool.postpone(set.ticket, deferral, until: harness.clock.now + 20)
        case 2: try harness.spool.hold(set.ticket, deferral)
        default:
            if let first = try harness.spool.accepted(named: set.name, by: set.sender) {
                try harness.spool.record(.repeated(first.ticket), for: set)
            } else {
                try harness.accept(set, for: ["a", "b", nil].randomElement(using: &chance) ?? nil)
            }
        }
    }

    private func deliver(_ harness: Harness, _ chance: inout Chance) throws {
        let rows = try harness.rows()
        let free = rows.contains { row in
            row.state == .accepted && row.dueAt <= harness.clock.now
                && !rows.prefix { $0 != row }.contains {
                    $0.sealed.sender == row.sealed.sender
                        && ($0.state == .received
                            || ($0.state == .accepted && $0.destination == row.destination))
                }
        }
        guard free, let set = harness.spool.nextUndelivered()?.set else { return }
        switch Int.random(in: 0..<4, using: &chance) {
        case 0:
            try harness.spool.postpone(
                set.ticket, Deferral(.unknown, "By chance."), until: harness.clock.now + 20)
        case 1: try harness.spool.hold(set.ticket, Deferral(.unknown, "By chance."))
        default: try harness.spool.recordDelivered(set.ticket)
        }
    }
}
