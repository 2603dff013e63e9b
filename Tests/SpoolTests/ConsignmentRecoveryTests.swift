import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

/// What may be found of a set handed over whole when a spool is opened.
@Suite struct ConsignmentRecoveryTests {
    private let ticket = Ticket(.set, counter: 500)
    private let files = FileManager.default

    /// Where the directory of the set was left.
    enum Place: String, CaseIterable { case consigned, held }

    /// What the ledger has of it.
    enum Entry: CaseIterable {
        case none
        case received
        case retired
    }

    private func leave(_ place: Place, note: Bool, in harness: Harness, _ text: String = "<a/>") throws {
        let directory = harness.path("\(place.rawValue)/\(ticket)")
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try write(text, to: "\(directory)/FI.x", harness)
        if note {
            try write(
                "006400 web INTEST \(harness.clock.now.timeIntervalSince1970 - 60)\nwords",
                to: "\(directory)/~note",
                harness)
        }
    }

    /// A file last changed now, as the test's clock has it.
    private func write(_ text: String, to path: String, _ harness: Harness) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let directory = (path as NSString).deletingLastPathComponent
        for path in [path, directory] {
            try files.setAttributes([.modificationDate: harness.clock.now], ofItemAtPath: path)
        }
    }

    private func enter(_ entry: Entry, in harness: Harness) throws {
        guard entry != .none else { return }
        let set = SealedSet(
            ticket: ticket, sender: .first, channel: .web, mailbox: .incomingTest,
            receivedAt: harness.clock.now,
            name: try #require(FileName("GO.x")), hasTrigger: true,
            parts: [.init(name: try #require(FileName("FI.x")), size: 4, digest: .of("<a/>"))])
        let queue = try DatabaseQueue(path: harness.path("ledger.sqlite"))
        try queue.write { db in
            let writing = SetWriting(db: db, now: harness.clock.now)
            _ = try writing.insert(set)
            guard entry == .retired else { return }
            _ = try writing.decide(.refused(set), for: set)
            try writing.retire(ticket)
        }
        try queue.close()
    }

    @Test(arguments: [[Place.consigned], [.held]], [false, true])
    func `without a row a set with a note can be gone on with, and one without is removed`(
        places: [Place], note: Bool
    ) throws {
        let harness = try Harness()
        try harness.reopen { for place in places { try leave(place, note: note, in: harness) } }
        #expect(harness.files("held").isEmpty)
        #expect(try harness.rows().isEmpty)
        guard note else {
            #expect(harness.files("consigned").isEmpty)
            return
        }
        let consignment = try harness.spool.consignment(ticket, of: .first)
        #expect(consignment.channel == .web && consignment.mailbox == .incomingTest)
        #expect(consignment.begunAt == harness.clock.now - 60)
        #expect(consignment.noteText == "words")
        #expect(try consignment.files().map(\.size) == [4])
        let upload = try consignment.upload(try #require(FileName("FI.x")), mode: .resume)
        #expect(upload.size == 4)
        try upload.write("<b/>", at: upload.size)
        try upload.close()
        try consignment.seal("GO.x")
        #expect(try harness.rows().map { $0.sealed.parts.map(\.digest) } == [[.of("<a/><b/>")]])
        #expect(try harness.rows().map(\.sealed.ticket) == [ticket])
        #expect(try harness.spool.findings().isEmpty)
        try harness.reopen()
        #expect(try harness.rows().map(\.state) == [.received])
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test(arguments: [[Place.consigned], [.held], [.consigned, .held]], [false, true])
    func `with a row the bytes are held, wherever they were left`(places: [Place], note: Bool) throws {
        let harness = try Harness()
        try harness.reopen {
            try enter(.received, in: harness)
            for place in places { try leave(place, note: note, in: harness) }
        }
        #expect(harness.files("consigned").isEmpty)
        #expect(harness.files("held/\(ticket)") == (note ? ["FI.x", "~note"] : ["FI.x"]))
        #expect(try harness.row(ticket).state == .received)
        #expect(try harness.nextUndecided().ticket == ticket)
        #expect(throws: HomeFault.noSuchFile) { try harness.spool.consignment(ticket, of: .first) }
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test(arguments: [[Place.consigned], [.held], [.consigned, .held]], [false, true])
    func `with a retired row the bytes go`(places: [Place], note: Bool) throws {
        let harness = try Harness()
        try harness.reopen {
            try enter(.retired, in: harness)
            for place in places { try leave(place, note: note, in: harness) }
        }
        #expect(harness.files("consigned").isEmpty)
        #expect(harness.files("held").isEmpty)
        #expect(try harness.row(ticket).retiredAt != nil)
    }

    @Test(arguments: [false, true])
    func `of two directories of a set without row the held one is left alone and shown`(note: Bool) throws {
        let harness = try Harness()
        try harness.reopen {
            try leave(.consigned, note: note, in: harness)
            try leave(.held, note: note, in: harness, "other")
        }
        #expect(harness.files("held/\(ticket)") == (note ? ["FI.x", "~note"] : ["FI.x"]))
        #expect(harness.consigned(ticket) == (note ? ["FI.x", "~note"] : []))
        #expect(try harness.spool.findings().map(\.kind) == [.missingRow])
    }

    @Test func `a set with a note and no files goes back too`() throws {
        let harness = try Harness()
        try harness.reopen {
            try leave(.held, note: true, in: harness)
            try files.removeItem(atPath: harness.path("held/\(ticket)/FI.x"))
            try write("half", to: harness.path("held/\(ticket)/~.note"), harness)
            try write("half", to: harness.path("held/\(ticket)/~.copy"), harness)
        }
        #expect(harness.consigned(ticket) == ["~note"])
        #expect(try harness.spool.consignment(ticket, of: .first).files().isEmpty)
    }

    @Test func `a note that is not ours is none, and strangers are left alone`() throws {
        let harness = try Harness()
        try harness.reopen {
            try leave(.consigned, note: false, in: harness)
            try write("006400 pigeon INTEST 0\nwords", to: harness.path("consigned/\(ticket)/~note"), harness)
            try files.createDirectory(
                atPath: harness.path("consigned/stranger"), withIntermediateDirectories: true)
        }
        #expect(harness.files("consigned") == ["stranger"])
    }

    @Test func `a set with a note nothing happened to for long is removed`() throws {
        let harness = try Harness()
        try harness.reopen { try leave(.consigned, note: true, in: harness) }
        harness.clock.advance(86_399)
        try harness.reopen()
        #expect(try harness.spool.consignment(ticket, of: .first).noteText == "words")
        harness.clock.advance(1)
        try harness.reopen()
        #expect(harness.files("consigned").isEmpty)
        #expect(throws: HomeFault.noSuchFile) { try harness.spool.consignment(ticket, of: .first) }
    }

    @Test func `what a running spool left is found again, with a note alone`() throws {
        let harness = try Harness()
        let noted = try harness.begin(note: "words")
        try noted.put("a", "1")
        let plain = try harness.begin()
        try plain.put("a", "2")
        let now = harness.clock
        try harness.reopen { now.set(Date()) }
        #expect(harness.files("consigned") == [noted.ticket.description])
        let again = try harness.spool.consignment(noted.ticket, of: .first)
        #expect(again.begunAt == noted.begunAt)
        #expect(try again.text("a") == "1")
        #expect(throws: HomeFault.self) { try noted.put("b") }
        try again.seal("GO.x")
        #expect(try harness.rows().count == 1)
    }
}
