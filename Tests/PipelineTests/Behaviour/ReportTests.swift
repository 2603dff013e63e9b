import Exchange
import Foundation
import Logging
import Spool
import Testing
import Validation

@testable import Pipeline

/// What senders are told of their sets.
final class ReportTests {
    private var worlds: [World] = []

    deinit { for world in worlds { world.takeDown() } }

    private func world() throws -> World {
        let world = try World(.usual)
        worlds.append(world)
        return world
    }

    /// Hands a whole set over, as the web service does, and waits for its answer.
    private func send(
        _ cast: Cast, in world: World, sequence: String = "00001", signedBy signer: SignerKind = .acme
    ) async throws -> SetReport {
        let consignment = try world.spool.begin(from: cast.sender, over: .sftp, in: .incoming, note: nil)
        let stem = "DMFA.\(cast.sender).\(Date().calendarDate.compact).\(sequence).R.1"
        let document = try Repository.document("dmfa.xml")
        let files = [("FI.\(stem).1", document), ("FS.\(stem).1", try cast[signer].signer.sign(document))]
        for (name, bytes) in files {
            let upload = try consignment.upload(Fixtures.name(name), mode: .resume)
            try upload.append(bytes)
            try await upload.closed()
        }
        let trigger = try Fixtures.name("GO.\(stem)")
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            consignment.seal(as: trigger, hasTrigger: true, mark: nil) { continuation.resume(with: $0) }
        }
        let reports = LedgerReports(spool: world.spool)
        let sealed = try #require(try reports.report(on: consignment.ticket, of: cast.sender))
        #expect(sealed.set.name == trigger && sealed.set.parts.count == 2)
        await withCheckedContinuation { continuation in
            reports.whenAnswered(consignment.ticket, within: 3600) { continuation.resume() }
        }
        return try #require(try reports.report(on: consignment.ticket, of: cast.sender))
    }

    @Test func `an accepted set is reported with every step, and its receipt`() async throws {
        let world = try world()
        let cast = try Cast(in: world)
        let report = try await send(cast, in: world)
        #expect([.accepted, .routed].contains(report.state))
        #expect(report.steps.map(\.number) == [1, 2, 3, 4, 5])
        #expect(report.steps.map(\.phase) == ["name", "set", "right", "signature", "document"])
        #expect(report.steps.allSatisfy { $0.verdict == "passed" && $0.findings.isEmpty && !$0.rule.isEmpty })
        #expect(report.codes.isEmpty && report.repeats == nil && report.decidedAt != nil)
        let receipt = try #require(report.receipt)
        let shelved = try #require(try world.spool.answer(receipt, of: cast.sender))
        #expect(shelved.ticket == report.set.ticket)
        let reports = LedgerReports(spool: world.spool)
        #expect(try reports.report(on: report.set.ticket, of: cast.other) == nil)
        #expect(try reports.report(on: Ticket(.set, counter: 999_999), of: cast.sender) == nil)
        let settled = try await eventually {
            try reports.report(on: report.set.ticket, of: cast.sender).flatMap {
                $0.state == .routed ? $0 : nil
            }
        }
        #expect(settled?.steps == report.steps)
        try world.spool.remove(shelved)
        #expect(try reports.report(on: report.set.ticket, of: cast.sender)?.receipt == nil)
    }

    @Test func `a refused set is reported with its findings, and what was not asked any more`() async throws {
        let world = try world()
        let cast = try Cast(in: world)
        let report = try await send(cast, in: world, signedBy: .withdrawn)
        #expect(report.state == .refused)
        #expect(report.steps.map(\.verdict) == ["passed", "passed", "passed", "refused", "skipped"])
        #expect(!report.codes.isEmpty)
        #expect(report.steps[3].findings.map(\.code) == report.codes)
        #expect(report.receipt != nil)
    }

    @Test func `a repeat is reported with the receipt of the first set`() async throws {
        let world = try world()
        let cast = try Cast(in: world)
        let first = try await send(cast, in: world)
        let second = try await send(cast, in: world)
        #expect(second.state == .routed)
        #expect(second.repeats == first.set.ticket)
        #expect(second.receipt == first.receipt && first.receipt != nil)
        #expect(second.set.ticket != first.set.ticket)
    }

    @Test func `before the decision there are no steps and no receipt`() throws {
        let directory = NSTemporaryDirectory() + "report-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let spool = try Spool.open(
            at: directory, limits: SpoolLimits(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        defer { spool.close() }
        let sender = try #require(SenderNumber("006400"))
        let consignment = try spool.begin(from: sender, over: .web, in: .incoming, note: nil)
        let sealed = DispatchSemaphore(value: 0)
        consignment.seal(as: try Fixtures.name("GO.x"), hasTrigger: false, mark: nil) { _ in sealed.signal() }
        sealed.wait()
        let reports = LedgerReports(spool: spool)
        func report() throws -> SetReport {
            try #require(try reports.report(on: consignment.ticket, of: sender))
        }
        #expect(try report().state == .received)
        #expect(try report().steps.isEmpty && report().codes.isEmpty)
        #expect(try report().decidedAt == nil && report().receipt == nil && report().repeats == nil)
        #expect(try !report().set.hasTrigger)
        try spool.hold(consignment.ticket, Deferral(.unknown, "For a look."))
        #expect(try report().state == .held)
        let told = DispatchSemaphore(value: 0)
        reports.whenAnswered(consignment.ticket, within: 0.01) { told.signal() }
        told.wait()
    }
}
