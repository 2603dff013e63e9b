import Exchange
import Foundation
import Spool
import Testing

@testable import Pipeline

/// What must be true of every set, whatever the case: ledger, record, delivery, conservation.
struct CaseAudit {
    private let world: World
    private let play: CorpusCase
    private let cast: Cast
    private let answered: Int

    init(_ run: CorpusRun) {
        (world, play, cast, answered) = (run.world, run.play, run.cast, run.answered)
    }

    /// Of all sets of the sender together.
    func audit() throws {
        let rows = try world.spool.ledger.sets(limit: 100, includingSettled: true, of: cast.sender)
        #expect(rows.count == answered, "as many sets were taken in as were answered")
        let counts = try world.spool.ledger.counts()
        #expect(counts.isConserved, "\(counts)")
        for row in rows where row.repeatOf != nil {
            #expect(!delivered(row.sealed.ticket), "a repeat was delivered")
        }
    }

    /// Of one set, by the ticket of its receipt.
    func audit(_ ticket: Ticket, as codes: Set<Int>, holding sealed: [FileName: [UInt8]]) async throws {
        let state: SetState = codes.isEmpty ? .routed : .refused
        let settled = try await eventually {
            try world.spool.ledger.set(ticket).flatMap { [.routed, .refused].contains($0.state) ? $0 : nil }
        }
        let row = try #require(settled, "the set was not settled")
        #expect(row.state == state)
        #expect(row.sealed.sender == cast.sender && row.sealed.channel == play.channel)
        #expect(row.sealed.mailbox == play.directory)
        #expect(Set(row.codes.map(\.rawValue)) == codes)
        try audit(record: DecisionRecord(json: #require(row.decisionJSON)), of: row, codes)
        try audit(delivery: row, isAccepted: codes.isEmpty, sealed)
    }

    private func audit(record: DecisionRecord, of row: SetRow, _ codes: Set<Int>) throws {
        #expect(record.ticket == row.sealed.ticket)
        #expect(record.verdict == (codes.isEmpty ? .accepted : .refused))
        #expect(record.checks.map(\.phase) == ["name", "set", "right", "signature", "document"])
        let refusing = record.checks.firstIndex { $0.verdict == .refused }
        #expect((refusing == nil) == codes.isEmpty)
        let after = refusing.map { record.checks[($0 + 1)...] } ?? []
        #expect(after.allSatisfy { $0.verdict == .skipped }, "a phase after the refusing one was judged")
        let before = record.checks[..<(refusing ?? record.checks.count)]
        #expect(
            before.allSatisfy { $0.verdict == .passed || ($0.phase == "signature" && $0.verdict == .skipped) }
        )
        #expect(record.findings.allSatisfy { $0.detail.hasSuffix(".") || $0.place != nil })
    }

    private func audit(delivery row: SetRow, isAccepted: Bool, _ sealed: [FileName: [UInt8]]) throws {
        let ticket = row.sealed.ticket
        let destination: String? =
            switch play.directory.environment {
            case .real: world.realDestination
            case .test: world.testDestination
            case .simulation: nil
            }
        guard isAccepted, let destination else {
            #expect(!delivered(ticket), "it was delivered although it was not to be")
            return
        }
        let folder = "\(destination)/\(ticket)"
        let declarations = sealed.filter { file in
            file.key.escaped.hasPrefix("FI.") && row.sealed.parts.contains { $0.name == file.key }
        }
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: folder))
        #expect(names == Set(declarations.keys.map(\.escaped) + ["manifest.json"]))
        for (name, bytes) in declarations {
            let file = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name.escaped)"))
            #expect(file == Data(bytes))
        }
        let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/manifest.json"))
        let manifest = try JSONDecoder().decode(Manifest.self, from: text)
        #expect(try JSONSchema.manifest().faults(in: text) == [])
        #expect(manifest.ticket == ticket && manifest.sender == cast.sender)
        #expect(Set(manifest.files.map(\.name)) == Set(declarations.keys))
    }

    private func delivered(_ ticket: Ticket) -> Bool {
        [world.realDestination, world.testDestination].compactMap { $0 }
            .contains { FileManager.default.fileExists(atPath: "\($0)/\(ticket)") }
    }
}
