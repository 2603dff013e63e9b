import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

/// Every combination of leftovers of a set handed over whole, each of a sender of its own.
@Suite struct ConsignmentLeftoverTests {
    private struct Case {
        let leftover: ConsignmentLeftover
        let sender: SenderNumber
        let ticket: Ticket
        var recovery: ConsignmentRecovery { ConsignmentRecovery(leftover) }

        init(_ index: Int, _ leftover: ConsignmentLeftover) {
            self.leftover = leftover
            sender = .number(100_000 + index)
            ticket = Ticket(.set, counter: Int64(1_000_000 + index))
        }
    }

    @Test(arguments: LeftoverRow.allCases)
    func `every combination of leftovers comes to what the crash table says`(
        row: LeftoverRow
    ) throws {
        let cases = ConsignmentLeftover.all(with: row).enumerated().map { Case($0, $1) }
        let log = LogLines()
        let harness = try Harness(logger: log.logger, below: Harness.memory)
        try harness.reopen {
            try enter(cases, in: harness)
            for one in cases { try plant(one, in: harness) }
        }
        let alone = cases.count { $0.recovery.isLeftAlone }
        #expect(log.count(of: "held files of unknown origin are left alone") == alone)
        let onHold = cases.count { $0.recovery.isPutOnHold }
        #expect(log.count(of: "held bytes differ from the ledger") == onHold)
        try eventually("answered and retired") {
            try harness.rows().allSatisfy {
                $0.answer?.state != .issued && ($0.settledAt == nil || $0.retiredAt != nil)
            }
        }
        #expect(try harness.spool.ledger.counts().isConserved)
        let rows = Dictionary(uniqueKeysWithValues: try harness.rows().map { ($0.sealed.ticket, $0) })
        #expect(rows.count == (row == .none ? 0 : cases.count))
        let findings = Dictionary(
            grouping: try SpoolCheck.findings(at: harness.root, pause: 0), by: \.ticket)
        for one in cases {
            #expect(rows[one.ticket]?.state == state(of: one), "\(one.leftover)")
            #expect(
                (findings[one.ticket] ?? []).map(\.kind) == self.findings(of: one), "\(one.leftover)")
            let held = one.recovery.held
            #expect(
                harness.files("held").contains(one.ticket.description) == (held != nil), "\(one.leftover)")
            #expect(harness.files("held/\(one.ticket)").contains("FI.x") == (held?.hasFile == true))
            try expectOpen(one, in: harness)
        }
        let tickets = cases.map(\.ticket)
        #expect(findings.keys.allSatisfy { $0.map(tickets.contains) ?? false })
    }

    /// What is open can be gone on with, and nothing else can.
    private func expectOpen(_ one: Case, in harness: Harness) throws {
        let consignment = try? harness.spool.consignment(one.ticket, of: one.sender)
        guard let open = one.recovery.open else {
            #expect(consignment == nil, "\(one.leftover)")
            #expect(!harness.files("consigned").contains(one.ticket.description), "\(one.leftover)")
            return
        }
        #expect(consignment?.noteText == "words", "\(one.leftover)")
        #expect(try consignment?.files().map(\.size) == (open.hasFile ? [4] : []), "\(one.leftover)")
        #expect(harness.consigned(one.ticket) == (open.hasFile ? ["FI.x", "~note"] : ["~note"]))
    }

    private func state(of one: Case) -> SetState? {
        if one.recovery.isPutOnHold { return .held }
        return switch one.leftover.row {
        case .none: nil
        case .received: .received
        case .accepted: .accepted
        case .onHold: .held
        case .refused, .retired: .refused
        case .routed: .routed
        }
    }

    private func findings(of one: Case) -> [SpoolCheck.Finding.Kind] {
        if one.recovery.isLeftAlone { return [.missingRow] }
        return state(of: one) == .held && one.recovery.held?.hasFile != true ? [.missingFile] : []
    }
}

// What is planted.
extension ConsignmentLeftoverTests {
    private func plant(_ one: Case, in harness: Harness) throws {
        try plant(one.leftover.consigned, "consigned/\(one.ticket)", "~.note", one, in: harness)
        try plant(one.leftover.held, "held/\(one.ticket)", "~.copy", one, in: harness)
    }

    private func plant(
        _ place: ConsignmentLeftover.Place?, _ directory: String, _ temporary: String, _ one: Case,
        in harness: Harness
    ) throws {
        guard let place else { return }
        let directory = harness.path(directory)
        let files = FileManager.default
        try files.createDirectory(atPath: directory, withIntermediateDirectories: false)
        if place.hasFile { _ = files.createFile(atPath: "\(directory)/FI.x", contents: Data("<a/>".utf8)) }
        if place.isBeingWritten {
            _ = files.createFile(atPath: "\(directory)/\(temporary)", contents: Data("half".utf8))
        }
        let channel: String? =
            switch place.note {
            case .none: nil
            case .ours: "web"
            case .foreign: "pigeon"
            }
        guard let channel else { return }
        _ = files.createFile(
            atPath: "\(directory)/~note", contents: Data("\(one.sender) \(channel) INTEST 0\nwords".utf8))
    }

    private func enter(_ cases: [Case], in harness: Harness) throws {
        let queue = try DatabaseQueue(path: harness.path("ledger.sqlite"))
        defer { try? queue.close() }
        let now = harness.clock.now
        try queue.write { db in
            let writing = SetWriting(db: db, now: now)
            for one in cases {
                let set = SealedSet(
                    ticket: one.ticket, sender: one.sender, channel: .web, mailbox: .incomingTest,
                    receivedAt: now, name: try #require(FileName("GO.x")), hasTrigger: true,
                    parts: [.init(name: try #require(FileName("FI.x")), size: 4, digest: .of("<a/>"))])
                try one.leftover.row.enter(set, by: writing)
            }
        }
    }
}
