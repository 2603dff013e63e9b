import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

/// Every combination of the files of an answer and its state in the ledger is planted, each for a sender of its own:
/// the crash table of docs/INTERNALS.md, "Answers".
@Suite struct AnswerLeftoverTests {
    /// Where a file of the answer lies.
    enum Place: CaseIterable {
        case nowhere, temporary, published, both

        var isPublished: Bool { self == .published || self == .both }
        var isTemporary: Bool { self == .temporary || self == .both }
    }

    private struct Case: CustomStringConvertible {
        /// Of FO, FS and GO.
        let places: [Place]
        let state: AnswerState
        let sender: SenderNumber

        var directory: String { "outbox/\(sender)/OUT" }
        var description: String { "\(places) \(state)" }
    }

    private static let cases: [Case] = {
        let places = Place.allCases.flatMap { first in
            Place.allCases.flatMap { second in Place.allCases.map { [first, second, $0] } }
        }
        return AnswerState.allCases.flatMap { state in places.map { (state, $0) } }.enumerated().map {
            Case(places: $1.1, state: $1.0, sender: .number(100_000 + $0))
        }
    }()

    @Test func `every combination of leftovers comes to what the crash table says`() throws {
        let harness = try Harness(below: Harness.memory)
        var answers: [SenderNumber: IssuedAnswer] = [:]
        try harness.reopen {
            answers = try enter(in: harness)
            for one in AnswerLeftoverTests.cases {
                try plant(one, try #require(answers[one.sender]), in: harness)
            }
        }
        try eventually("published") { try harness.spool.ledger.issuedAnswers().values.isEmpty }
        try eventually("retired") { try harness.rows().allSatisfy { $0.retiredAt != nil } }
        #expect(try harness.spool.ledger.counts().isConserved)
        let rows = Dictionary(grouping: try harness.rows(), by: \.sealed.sender)
        let findings = Dictionary(
            grouping: try SpoolCheck.findings(at: harness.root, pause: 0), by: \.ticket)
        for one in AnswerLeftoverTests.cases {
            let answer = try #require(answers[one.sender])
            let isIssued = one.state == .issued
            let names = zip(answer.files, one.places).filter { isIssued || $1.isPublished }.map(\.0)
            #expect(harness.files(one.directory) == names.map(\.name).sorted(), "\(one)")
            for (name, bytes) in names {
                let found = FileManager.default.contents(atPath: harness.path("\(one.directory)/\(name)"))
                #expect(found == Data(bytes), "\(one)")
            }
            let state = rows[one.sender]?.first?.answer?.state
            #expect(state == (isIssued ? .published : one.state), "\(one)")
            #expect((findings[answer.ticket] ?? []).map(\.kind) == self.findings(of: one), "\(one)")
        }
    }

    /// A reader may have removed what was published; an answer that expired was to be removed.
    private func findings(of one: Case) -> [SpoolCheck.Finding.Kind] {
        switch one.state {
        case .published: one.places[0].isPublished ? [] : [.missingAnswer]
        case .expired: one.places.filter(\.isPublished).map { _ in .leftBehind }
        case .issued, .taken, .deleted: []
        }
    }

    private func plant(_ one: Case, _ answer: IssuedAnswer, in harness: Harness) throws {
        let directory = harness.path(one.directory)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for ((name, bytes), place) in zip(answer.files, one.places) {
            if place.isTemporary {
                _ = FileManager.default.createFile(
                    atPath: "\(directory)/.1.\(name)", contents: Data(bytes.prefix(bytes.count / 2)))
            }
            if place.isPublished {
                _ = FileManager.default.createFile(atPath: "\(directory)/\(name)", contents: Data(bytes))
            }
        }
    }

    /// The rows of all of them, in one transaction; the answers as they were issued.
    private func enter(in harness: Harness) throws -> [SenderNumber: IssuedAnswer] {
        let queue = try DatabaseQueue(path: harness.path("ledger.sqlite"))
        defer { try? queue.close() }
        let now = harness.clock.now
        return try queue.write { db in
            var answers: [SenderNumber: IssuedAnswer] = [:]
            for (index, one) in AnswerLeftoverTests.cases.enumerated() {
                let set = SealedSet(
                    ticket: Ticket(.set, counter: Int64(1_000_000 + index)), sender: one.sender,
                    channel: .sftp, mailbox: .incoming, receivedAt: now, name: try #require(FileName("GO.x")),
                    hasTrigger: true, parts: [])
                let sets = SetWriting(db: db, now: now)
                _ = try sets.insert(set)
                let answer = try #require(try sets.decide(.refused(set), for: set).answer)
                answers[one.sender] = answer
                let writing = AnswerWriting(db: db, now: now)
                if one.state != .issued { try writing.notePublished(answer.id) }
                switch one.state {
                case .issued, .published: break
                case .taken: try writing.noteTaken(set.ticket)
                case .deleted: try writing.noteDeleted(answer.stem, of: one.sender)
                case .expired: try writing.noteExpired(answer.id)
                }
            }
            return answers
        }
    }
}
