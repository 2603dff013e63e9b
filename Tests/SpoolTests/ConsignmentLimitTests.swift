import Exchange
import Foundation
import Testing

@testable import Spool

@Suite struct ConsignmentLimitTests {
    @Test func `unsealed bytes of a sender are bounded over its home and its consignments together`() throws {
        var limits = SpoolLimits.forTests
        limits.bytesPerSender = 20
        let harness = try Harness(limits: limits)
        try harness.put("a", "1234567890")
        let first = try harness.begin(note: "not counted, however long it may be")
        try first.put("b", "12345")
        let second = try harness.begin()
        try second.put("c", "12345")
        #expect(throws: HomeFault.tooManyFiles) { try second.put("d", "1") }
        #expect(throws: HomeFault.tooManyFiles) { try harness.put("d", "1") }
        try harness.begin(by: .number(6401)).put("d", "12345678901234567890")
        try harness.home().remove(try #require(FileName("a")), in: .incoming)
        try second.put("d", "1234567890")
        #expect(throws: HomeFault.tooManyFiles) { try harness.put("e", "1") }
        try second.seal("GO.x")
        try harness.put("e", "123456789012345")
        #expect(throws: HomeFault.tooManyFiles) { try harness.put("f", "1") }

        // What outlives a restart counts still.
        try harness.reopen()
        #expect(throws: HomeFault.tooManyFiles) { try harness.put("f", "1") }
        try harness.spool.consignment(first.ticket, of: .first).discard()
        try harness.put("f", "12345")
        #expect(throws: HomeFault.tooManyFiles) { try harness.put("g", "1") }
    }

    @Test func `bytes of a set that could not be sealed count on, once`() throws {
        var limits = SpoolLimits.forTests
        limits.bytesPerSender = 20
        let harness = try Harness(limits: limits)
        let consignment = try harness.begin()
        try consignment.put("a", "1234567890")
        try harness.ledger(
            "CREATE TRIGGER trouble BEFORE INSERT ON fileSet BEGIN SELECT RAISE(ABORT, 'trouble'); END")
        for _ in 1...3 { #expect(throws: HomeFault.self) { try consignment.seal("GO.x") } }
        try consignment.put("b", "1234567890")
        #expect(throws: HomeFault.tooManyFiles) { try consignment.put("c", "1") }
        try harness.ledger("DROP TRIGGER trouble")
        try consignment.seal("GO.x")
        try harness.put("d", "12345678901234567890")
    }

    @Test func `a sender begins only so many sets at a time`() throws {
        var limits = SpoolLimits.forTests
        limits.consignmentsPerSender = 3
        let harness = try Harness(limits: limits)
        let kept = try (1...2).map { try harness.begin(note: "\($0)") }
        var plain: (any Consignment)? = try harness.begin()
        #expect(throws: HomeFault.tooManyFiles) { try harness.begin() }
        _ = try harness.begin(by: .number(6401))
        #expect(plain != nil)
        plain = nil
        try harness.consign(1)
        kept[0].discard()
        let more = try (1...2).map { try harness.begin(note: "\($0)") }
        #expect(throws: HomeFault.tooManyFiles) { try harness.begin() }

        try harness.reopen()
        #expect(throws: HomeFault.tooManyFiles) { try harness.begin() }
        try harness.spool.consignment(more[0].ticket, of: .first).seal("GO.x")
        _ = try harness.begin()
    }

    @Test func `a set has no more than forty files, and none that is too large`() throws {
        var limits = SpoolLimits.forTests
        limits.fileSize = 5
        let harness = try Harness(limits: limits)
        let consignment = try harness.begin()
        #expect(throws: HomeFault.tooLarge) { try consignment.put("1", "123456") }
        for number in 1...40 { try consignment.put("\(number)", "12345") }
        #expect(throws: HomeFault.tooManyFiles) { try consignment.put("41") }
        try consignment.put("40", "54321")
        try consignment.seal("GO.x")
        #expect(try harness.rows().map(\.sealed.parts.count) == [40])
    }

    @Test func `below the floor of the disk nothing is taken`() throws {
        let harness = try Harness()
        let consignment = try harness.begin(note: "n")
        try consignment.put("a")
        var limits = SpoolLimits.forTests
        limits.freeFloor = .max
        try harness.reopen(limits: limits)
        #expect(throws: HomeFault.outOfSpace) { try harness.begin() }
        let again = try harness.spool.consignment(consignment.ticket, of: .first)
        #expect(throws: HomeFault.outOfSpace) { try again.put("b") }
        #expect(throws: HomeFault.outOfSpace) { try again.replaceNote([]) }
        try again.seal("GO.x")
    }

    @Test func `a set with a note nothing happens to for long is discarded`() throws {
        let harness = try Harness()
        let written = try harness.begin(note: "1")
        let renoted = try harness.begin(note: "2")
        let left = try harness.begin(note: "3")
        let plain = try harness.begin()
        for consignment in [written, renoted, left, plain] { try consignment.put("a") }
        harness.clock.advance(86_399)
        try written.put("b")
        try renoted.replaceNote([])
        harness.spool.sweeper.sweep()
        #expect(harness.files("consigned").count == 4)
        harness.clock.advance(1)
        harness.spool.sweeper.sweep()
        #expect(harness.consigned(left.ticket).isEmpty)
        #expect(throws: HomeFault.superseded) { try left.put("b") }
        #expect(throws: HomeFault.noSuchFile) { try harness.spool.consignment(left.ticket, of: .first) }
        #expect(try written.files().count == 2)
        #expect(try renoted.files().count == 1)
        #expect(try plain.files().count == 1)
        harness.clock.advance(86_400)
        harness.spool.sweeper.sweep()
        #expect(harness.files("consigned") == [plain.ticket.description])
    }
}
