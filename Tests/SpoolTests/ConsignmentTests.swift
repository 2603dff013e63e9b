import Exchange
import Foundation
import Synchronization
import Testing

@testable import Spool

@Suite struct ConsignmentTests {
    private let stem = Harness.stem(1)

    @Test func `a set handed over whole is sealed with all it has, and nobody else sees it before`() throws {
        let harness = try Harness()
        let consignment = try harness.begin(in: .incomingTest)
        #expect(consignment.sender == .first && consignment.channel == .web)
        #expect(consignment.mailbox == .incomingTest && consignment.begunAt == harness.clock.now)
        try consignment.put("FS.\(stem).1.1", "signature")
        try consignment.put("FI.\(stem).1.1", "<a/>")
        harness.clock.advance(10)
        #expect(try harness.names(.incomingTest).isEmpty)
        #expect(try harness.rows().isEmpty)
        #expect(try consignment.files().map(\.name.escaped) == ["FI.\(stem).1.1", "FS.\(stem).1.1"])
        #expect(try consignment.files().map(\.size) == [4, 9])
        try consignment.seal("GO.\(stem).1")

        let row = try #require(try harness.rows().first)
        #expect(row.sealed.ticket == consignment.ticket)
        #expect(row.sealed.sender == .first && row.sealed.channel == .web)
        #expect(row.sealed.mailbox == .incomingTest)
        #expect(row.sealed.receivedAt == harness.clock.now)
        #expect(row.sealed.name.escaped == "GO.\(stem).1" && row.sealed.hasTrigger)
        #expect(row.sealed.parts.map(\.name.escaped) == ["FI.\(stem).1.1", "FS.\(stem).1.1"])
        #expect(row.sealed.parts.map(\.digest) == [.of("<a/>"), .of("signature")])
        #expect(harness.files("held/\(consignment.ticket)") == ["FI.\(stem).1.1", "FS.\(stem).1.1"])
        #expect(harness.files("consigned").isEmpty)
        #expect(try harness.nextUndecided() == row.sealed)
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `a set without GO, and one without files, are sealed as told`() throws {
        let harness = try Harness()
        let first = try harness.begin()
        try first.put("FI.\(stem).1.1")
        try first.seal("GO.\(stem).1", hasTrigger: false)
        try harness.begin().seal("GO.\(stem).2")
        #expect(try harness.rows().map(\.sealed.hasTrigger) == [false, true])
        #expect(try harness.rows().map(\.sealed.parts.count) == [1, 0])
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `bytes in any order and resumed are what is sealed`() throws {
        let harness = try Harness()
        let consignment = try harness.begin()
        let name = try #require(FileName("FI.\(stem).1.1"))
        let first = try consignment.upload(name, mode: .resume)
        try first.write("cd", at: 2)
        try first.write("ab", at: 0)
        first.abandon()
        let second = try consignment.upload(name, mode: .resume)
        #expect(second.size == 4)
        #expect(throws: HomeFault.superseded) { try first.write("x", at: 0) }
        try second.write("ef", at: 4)
        try settled { second.sync(completion: $0) }.get()
        try second.close()
        #expect(try consignment.text("FI.\(stem).1.1") == "abcdef")
        #expect(throws: HomeFault.alreadyExists) {
            try consignment.upload(name, mode: .replace(exclusively: true))
        }
        try consignment.seal("GO.\(stem).1")
        #expect(try harness.rows().map { $0.sealed.parts.map(\.digest) } == [[.of("abcdef")]])
    }

    @Test func `names are those of senders, whatever they hold`() throws {
        let harness = try Harness()
        let consignment = try harness.begin(note: "n")
        let names = ["..x", "~note", "~.note", "GO.\(stem).1", "TD.\(stem).1", "été"]
        for name in names { try consignment.put(name, name) }
        for name in names { #expect(try consignment.text(name) == name) }
        #expect(consignment.noteText == "n")
        #expect(try harness.names().isEmpty)
        #expect(throws: HomeFault.noSuchFile) { try consignment.text("~.copy") }
        try consignment.seal("GO.\(stem).1")
        #expect(try harness.rows().map(\.sealed.parts.count) == [6])
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `a file can be removed and replaced`() throws {
        let harness = try Harness()
        let consignment = try harness.begin()
        try consignment.put("a", "1")
        try consignment.put("b", "2")
        try consignment.put("a", "3")
        try consignment.remove(try #require(FileName("b")))
        #expect(throws: HomeFault.noSuchFile) { try consignment.remove(try #require(FileName("b"))) }
        #expect(throws: HomeFault.noSuchFile) { try consignment.text("b") }
        #expect(try consignment.text("a") == "3")
        #expect(harness.consigned(consignment.ticket) == ["a"])
    }

    @Test func `once sealed nothing more can be done with it`() throws {
        let harness = try Harness()
        let consignment = try harness.begin(note: "n")
        let name = try #require(FileName("FI.\(stem).1.1"))
        let upload = try consignment.upload(name, mode: .resume)
        try upload.write("open", at: 0)
        try consignment.seal("GO.\(stem).1")
        #expect(throws: HomeFault.superseded) { try upload.write("more", at: 4) }
        #expect(throws: HomeFault.superseded) { try upload.close() }
        #expect(throws: HomeFault.superseded) { try consignment.files() }
        #expect(throws: HomeFault.superseded) { try consignment.put("x") }
        #expect(throws: HomeFault.superseded) { try consignment.replaceNote([]) }
        #expect(throws: HomeFault.superseded) { try consignment.seal("GO.\(stem).1") }
        #expect(throws: HomeFault.noSuchFile) {
            try harness.spool.consignment(consignment.ticket, of: .first)
        }
        consignment.discard()
        #expect(try harness.rows().map { $0.sealed.parts.map(\.digest) } == [[.of("open")]])
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `nothing is sealed while a file of it is being written`() throws {
        let harness = try Harness()
        let consignment = try #require(try harness.begin() as? OpenConsignment)
        let upload = try consignment.upload(try #require(FileName("a")), mode: .resume)
        let serial = try #require(consignment.state.withLock { $0.files.files.values.first })
        let key = UploadKey(mailbox: .incoming, owner: try #require(serial.owner), serial: serial.serial)
        try consignment.beginWrite(key, upTo: 1)
        #expect(throws: HomeFault.self) { try consignment.seal("GO.\(stem).1") }
        consignment.endWrite(key, size: 0)
        try upload.write("a", at: 0)
        try upload.close()
        try consignment.seal("GO.\(stem).1")
        #expect(try harness.rows().count == 1)
    }

    @Test func `a note is replaced, and found with its set by its sender alone`() throws {
        let harness = try Harness()
        let consignment = try harness.begin(note: "first\nwords")
        try consignment.put("a", "1")
        #expect(consignment.noteText == "first\nwords")
        try consignment.replaceNote(Array("second".utf8))
        let again = try harness.spool.consignment(consignment.ticket, of: .first)
        #expect(again.noteText == "second")
        #expect(try again.text("a") == "1")
        #expect(harness.consigned(consignment.ticket) == ["a", "~note"])
        #expect(throws: HomeFault.noSuchFile) {
            try harness.spool.consignment(consignment.ticket, of: .number(6401))
        }
        let plain = try harness.begin()
        #expect(plain.note == nil)
        #expect(throws: HomeFault.notAllowed) { try plain.replaceNote([]) }
        #expect(throws: HomeFault.noSuchFile) { try harness.spool.consignment(plain.ticket, of: .first) }
    }

    @Test func `what is discarded is gone, and so is what nobody refers to any more`() throws {
        let harness = try Harness()
        let first = try harness.begin(note: "n")
        try first.put("a")
        first.discard()
        first.discard()
        #expect(throws: HomeFault.superseded) { try first.put("b") }
        #expect(throws: HomeFault.noSuchFile) { try harness.spool.consignment(first.ticket, of: .first) }
        var second: (any Consignment)? = try harness.begin()
        try second?.put("a")
        #expect(harness.files("consigned").count == 1)
        second = nil
        #expect(harness.files("consigned").isEmpty)
    }

    @Test func `outgoing directories take no sets, and a closed spool none at all`() throws {
        let harness = try Harness()
        #expect(throws: HomeFault.notAllowed) { try harness.begin(in: .outgoing) }
        let consignment = try harness.begin()
        try consignment.put("a")
        harness.spool.close()
        #expect(throws: HomeFault.self) { try harness.begin() }
        #expect(throws: HomeFault.self) { try consignment.put("b") }
        #expect(throws: HomeFault.self) { try consignment.seal("GO.x") }
        #expect(harness.consigned(consignment.ticket) == ["a"])
    }

    @Test func `tickets of sets never sealed are not used again`() throws {
        let harness = try Harness()
        var tickets: Set<Ticket> = []
        for _ in 1...3 {
            for number in 1...3 {
                tickets.insert(try harness.begin().ticket)
                tickets.insert(try harness.consign(number))
            }
            try harness.reopen()
        }
        #expect(tickets.count == 18)
    }

    @Test func `more sets than tickets in reserve can be begun at a time`() throws {
        let harness = try Harness()
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 25) { index in
            failures.catching {
                for _ in 1...100 { try harness.begin(by: .number(100 + index)).discard() }
            }
        }
        #expect(failures.all.isEmpty)
        #expect(harness.files("consigned").isEmpty)
    }
}
