import Exchange
import Foundation
import GRDB
import TestServers
import Testing

@testable import Spool

/// A ledger that lost its end, or part of what it holds, comes back to its last whole transaction, or is refused; it
/// never tells of what was not, and what nobody can repair, the check tells of.
@Suite struct LedgerDamageTests {
    private static let sets = 4

    /// A spool in the middle of its work, as a copy, so that the original can be closed or not.
    private final class Damaged {
        let root = Harness.memory + "spool-tests-" + UUID().uuidString
        let rows: [SetRow]
        private let original: String
        private let file: String
        let bytes: Data

        /// - Parameter file: the one to be damaged: SQLite's log, when the spool was not closed.
        init(_ file: String) throws {
            let harness = try Harness(below: Harness.memory)
            for number in 1...LedgerDamageTests.sets { try harness.putSet(number, text: "<a>\(number)</a>") }
            if file == "ledger.sqlite" {
                // Something in every state, so that every table has rows.
                try harness.refuse(try harness.nextUndecided(), text: "text of a refusal")
                try harness.accept(try harness.nextUndecided(), text: "text of an acceptance")
                try harness.spool.hold(try harness.nextUndecided().ticket, Deferral(.unknown, "For a look."))
                try eventually("answered") { try harness.spool.ledger.issuedAnswers().values.isEmpty }
                try eventually("retired") { try harness.rows()[0].retiredAt != nil }
                harness.spool.close()
                // Otherwise the log has a newer copy of every page, and no damage to the ledger would matter.
                let queue = try DatabaseQueue(path: harness.path(file))
                try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
                try queue.close()
            }
            rows = try Ledger.openForReading(at: harness.root).sets(limit: 100, includingSettled: true)
                .reversed()
            original = root + "-original"
            self.file = file
            try FileManager.default.copyItem(atPath: harness.root, toPath: original)
            bytes = try Data(contentsOf: URL(fileURLWithPath: "\(original)/\(file)"))
        }

        /// Where these bytes stand in the file.
        func places(of value: [UInt8]) -> [Int] {
            var places: [Int] = []
            var rest = bytes.startIndex..<bytes.endIndex
            while let found = bytes.range(of: Data(value), in: rest) {
                places.append(found.lowerBound)
                rest = found.upperBound..<bytes.endIndex
            }
            return places
        }

        deinit {
            for path in [root, original] { try? FileManager.default.removeItem(atPath: path) }
        }

        /// A fresh copy with this damage. The index of the log is never trusted after a crash.
        func damage(_ damage: FileDamage) throws {
            try? FileManager.default.removeItem(atPath: root)
            try FileManager.default.copyItem(atPath: original, toPath: root)
            try? FileManager.default.removeItem(atPath: root + "/ledger.sqlite-shm")
            try damage.applied(to: bytes).write(to: URL(fileURLWithPath: "\(root)/\(file)"))
        }
    }

    @Test func `a log cut, zeroed or changed anywhere comes back to a whole transaction`() throws {
        let log = try Damaged("ledger.sqlite-wal")
        let all = FileDamage.logPages(of: log.bytes) + FileDamage.bits(150, of: log.bytes)
        let expected = (1...LedgerDamageTests.sets).map { "GO.\(Harness.stem($0)).1" }
        var seen: Set<Int> = []
        var limits = SpoolLimits.forTests
        limits.earlyTriggerWait = 3600
        for damage in all {
            try log.damage(damage)
            // The log has a checksum in every page: what is there is whole, or not there.
            let spool = try Spool.open(at: log.root, limits: limits, logger: .quiet)
            defer { spool.close() }
            let rows = try spool.ledger.sets(limit: 100, includingSettled: true).reversed()
            #expect(expected.starts(with: rows.map(\.sealed.name.escaped)), "\(damage)")
            #expect(try spool.ledger.counts().isConserved, "\(damage)")
            #expect(try spool.findings().isEmpty, "\(damage)")
            let lying = try spool.home(of: .first, over: .sftp).entries(in: .incoming).count
            #expect(lying == (LedgerDamageTests.sets - rows.count) * 3, "\(damage)")
            seen.insert(rows.count)
        }
        #expect(seen == Set(0...LedgerDamageTests.sets))
    }

    /// What became of a damaged ledger.
    private enum End: Hashable {
        /// Every row as it was.
        case whole
        /// Refused, at opening or when it is read.
        case refused
        /// Read, and the check says that it is damaged.
        case told
        /// Other rows than there were, and nobody says so.
        case invented
    }

    @Test func `a ledger cut or zeroed at any page is whole, refused, or found damaged`() throws {
        let ledger = try Damaged("ledger.sqlite")
        var ends: [End: Int] = [:]
        for damage in FileDamage.pages(of: ledger.bytes) {
            try ledger.damage(damage)
            let end = try self.end(of: ledger)
            #expect(end != .invented, "\(damage)")
            ends[end, default: 0] += 1
        }
        #expect(ends[.refused, default: 0] > 0 && ends[.invented] == nil)
    }

    @Test func `a ledger with a changed bit is whole, refused, or found damaged`() throws {
        let ledger = try Damaged("ledger.sqlite")
        var ends: [End: Int] = [:]
        for damage in FileDamage.bits(250, of: ledger.bytes) {
            try ledger.damage(damage)
            let end = try self.end(of: ledger)
            #expect(end != .invented, "\(damage)")
            ends[end, default: 0] += 1
        }
        #expect(ends[.refused, default: 0] > 0 && ends[.whole, default: 0] > 0)
    }

    @Test func `a changed bit of what was received, decided or answered is found`() throws {
        let ledger = try Damaged("ledger.sqlite")
        var flips = 0
        for row in ledger.rows {
            let values =
                [row.sealed.parts[0].digest.bytes, Array((row.decisionJSON ?? "").utf8)]
                + (row.answer.map { [$0.document] } ?? [])
            for value in values where !value.isEmpty {
                let places = ledger.places(of: value)
                // What a page forgot may stand beside it.
                var ends: Set<End> = []
                for place in places {
                    let byte = place + value.count / 2
                    try ledger.damage(.flippedBit(byte, UInt8(byte % 7)))
                    ends.insert(try self.end(of: ledger))
                    flips += 1
                }
                #expect(!ends.contains(.invented), "\(places)")
                #expect(ends.contains(.refused) || ends.contains(.told), "\(places)")
            }
        }
        #expect(flips >= 8)
    }

    private func end(of ledger: Damaged) throws -> End {
        do {
            let spool = try Spool.open(at: ledger.root, limits: .forTests, logger: .quiet)
            defer { spool.close() }
            let rows = try spool.ledger.sets(limit: 100, includingSettled: true).reversed()
            let isSame = rows.map(LedgerDamageTests.essence) == ledger.rows.map(LedgerDamageTests.essence)
            let findings = try SpoolCheck.findings(at: ledger.root, pause: 0)
            return isSame ? .whole : findings.isEmpty ? .invented : .told
        } catch {
            #expect(error.code == .ledger, "\(error)")
            return .refused
        }
    }

    /// What a row says that never changes, and its state. Times of the next step, and why it waits, are not sealed.
    private static func essence(_ row: SetRow) -> [AnyHashable?] {
        [
            row.sealed, row.state, row.codes, row.decisionJSON, row.destination, row.repeatOf, row.decidedAt,
            row.answer?.stem, row.answer?.document, row.answer?.signature, row.answer?.mailbox,
            row.answer?.channel,
        ]
    }
}
