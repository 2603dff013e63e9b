import Exchange
import Foundation
import GRDB
import Testing

@testable import Spool

@Suite struct RecoveryTests {
    private let files = FileManager.default
    private let stem = Harness.stem(1)

    @Test func `a second process is refused and told who has the spool`() throws {
        let harness = try Harness()
        let fault = #expect(throws: SpoolFault(.inUse, "")) {
            try Spool.open(at: harness.root, limits: .forTests, logger: .quiet)
        }
        #expect(fault?.sentence.contains("\(getpid())") == true)
        try harness.reopen()
    }

    @Test(arguments: [false, true])
    func `a spool that lost its ledger is refused, not begun anew`(isEmptied: Bool) throws {
        let harness = try Harness()
        try harness.putSet(1)
        let ledger = harness.path("ledger.sqlite")
        try harness.reopen {
            try files.moveItem(atPath: ledger, toPath: ledger + ".away")
            if isEmptied { _ = files.createFile(atPath: ledger, contents: nil) }
            #expect(throws: SpoolFault(.ledger, "")) {
                try Spool.open(at: harness.root, limits: .forTests, logger: .quiet)
            }
            try? files.removeItem(atPath: ledger)
            try files.moveItem(atPath: ledger + ".away", toPath: ledger)
        }
        #expect(try harness.nextUndecided().name.escaped == "GO.\(stem).1")
    }

    @Test func `there is nothing to read where there is no spool`() throws {
        #expect(throws: SpoolFault(.missing, "")) {
            try Ledger.openForReading(at: NSTemporaryDirectory() + UUID().uuidString)
        }
    }

    @Test func `sets stay what they are over a restart`() throws {
        let harness = try Harness()
        for number in 1...4 { try harness.putSet(number) }
        let sets = try (1...4).map { _ in try harness.nextUndecided() }
        try harness.refuse(sets[0])
        try harness.accept(sets[1])
        try harness.spool.hold(sets[2].ticket, Deferral(.unknown, "For a look."))
        try harness.waitForAnswer(sets[0].ticket)
        try harness.waitForAnswer(sets[1].ticket)
        let before = try harness.rows()
        try harness.reopen()
        #expect(try harness.rows().map(\.state) == before.map(\.state))
        #expect(try harness.nextUndecided() == sets[3])
        #expect(try harness.spool.findings().isEmpty)
    }

    /// The states of a held directory that a crash before the commit can leave, as its files; the rest lies
    /// in arriving.
    @Test(arguments: [
        [], ["GO"], ["GO", "FI"], ["GO", "FI", "FS"], ["origin"], ["origin", "~GO"],
        ["origin", "~GO", "FI", "FS"],
        ["origin", "FI", "FS"],
    ])
    func `held bytes without a row are put back and sealed again`(moved: [String]) throws {
        let harness = try Harness()
        let old = Ticket(.set, counter: 500)
        try harness.reopen {
            let held = harness.path("held/\(old)")
            let arriving = harness.path("arriving/006400/IN")
            try files.createDirectory(atPath: held, withIntermediateDirectories: true)
            try files.createDirectory(atPath: arriving, withIntermediateDirectories: true)
            let origin = "~origin.006400.web.IN"
            for prefix in ["FI", "FS", "GO"] {
                let name = "\(prefix).\(stem)\(prefix == "GO" ? ".1" : ".1.1")"
                var place = "\(arriving)/\(name)"
                if moved.contains(prefix) {
                    place = prefix == "GO" ? "\(held)/\(origin).\(name)" : "\(held)/\(name)"
                } else if moved.contains("~\(prefix)") {
                    place = "\(held)/~\(name)"
                }
                _ = files.createFile(atPath: place, contents: Data(prefix.utf8))
            }
            if moved.contains("origin") {
                _ = files.createFile(atPath: "\(held)/\(origin)", contents: Data())
            }
        }
        harness.clock.advance(5)
        try eventually("sealed") { try harness.rows().count == 1 }
        let row = try harness.rows()[0]
        #expect(row.sealed.parts.map(\.size) == [2, 2])
        #expect(row.sealed.ticket != old)
        #expect(row.sealed.hasTrigger)
        #expect(row.sealed.channel == (moved.contains { $0.hasSuffix("GO") } ? .web : .sftp))
        #expect(harness.files("held") == [row.sealed.ticket.description])
        #expect(try harness.names().isEmpty)
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `held bytes whose names were sent again become a set of their own`() throws {
        let harness = try Harness()
        let old = Ticket(.set, counter: 500)
        try harness.put("FI.\(stem).1.1", "newer")
        try harness.reopen {
            let held = harness.path("held/\(old)")
            try files.createDirectory(atPath: held, withIntermediateDirectories: true)
            for (name, text) in [
                ("~origin.006400.sftp.IN", ""), ("~GO.\(stem).1", ""), ("FI.\(stem).1.1", "older"),
                ("FS.\(stem).1.1", "signature"),
            ] { _ = files.createFile(atPath: "\(held)/\(name)", contents: Data(text.utf8)) }
        }
        #expect(try harness.rows().map(\.sealed.ticket) == [old])
        #expect(try harness.names() == ["FI.\(stem).1.1"])
        #expect(try harness.home().text("FI.\(stem).1.1", in: .incoming) == "newer")
        #expect(try harness.nextUndecided().parts.map(\.size) == [5, 9])
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test(arguments: [["FI x"], ["FI.x", "~something"]])
    func `held bytes of unknown origin are left alone and shown`(names: [String]) throws {
        let harness = try Harness()
        let old = Ticket(.set, counter: 500)
        try harness.reopen {
            try files.createDirectory(atPath: harness.path("held/\(old)"), withIntermediateDirectories: true)
            for name in names {
                _ = files.createFile(atPath: harness.path("held/\(old)/\(name)"), contents: Data("x".utf8))
            }
        }
        #expect(harness.files("held/\(old)") == names)
        #expect(try harness.spool.findings().count == 1)
    }

    @Test(arguments: [SetState.received, .accepted], [true, false])
    func `a row whose bytes are not there goes to an operator`(state: SetState, missing: Bool) throws {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.putSet(2)
        let set = try harness.nextUndecided()
        if state == .accepted { try harness.accept(set) }
        let path = harness.spool.path(of: set.parts[0], in: set.ticket)
        try harness.reopen {
            try missing
                ? files.removeItem(atPath: path) : Data("longer".utf8).write(to: URL(fileURLWithPath: path))
        }
        let row = try harness.row(set.ticket)
        #expect(row.state == .held)
        #expect(row.deferral?.reason == .bytesChanged)
        #expect(try harness.nextUndecided().name.escaped == "GO.\(Harness.stem(2)).1")
        #expect(try harness.spool.ledger.counts().isConserved)
        #expect(try harness.spool.findings().count == 1)
    }

    @Test func `a start goes through all sets, group by group`() throws {
        let harness = try Harness()
        for number in 1...7 { try harness.putSet(number) }
        let sets = try harness.rows().map(\.sealed).sorted { $0.ticket.description < $1.ticket.description }
        // Of sets whose sealing did not come far.
        let begun = try (1...5).map { _ in try harness.spool.ground.tickets.next() }
        try harness.reopen {
            for set in [sets[1], sets[2], sets[6]] {
                try files.removeItem(atPath: harness.spool.path(of: set.parts[0], in: set.ticket))
            }
            let disk = try SpoolDisk(root: harness.root)
            defer { disk.unlock() }
            let pool = try DatabasePool(path: SpoolDisk.ledgerPath(in: harness.root))
            for ticket in begun { try disk.held.makeDirectory(ticket.description) }
            var recovery = Recovery(
                disk: disk, pool: pool, limits: harness.limits, clock: { Date() }, logger: .quiet)
            recovery.group = 2
            try recovery.run()
            let held = try pool.read { db in
                try String.fetchAll(db, sql: "SELECT ticket FROM fileSet WHERE state = 'held'")
            }
            #expect(Set(held) == Set([sets[1], sets[2], sets[6]].map(\.ticket.description)))
            let kept = try HeldSets(held: disk.held).tickets().map(\.description)
            #expect(Set(kept) == Set(sets.map(\.ticket.description)))
            try pool.close()
        }
    }

    @Test func `a changed byte is found`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let set = try harness.nextUndecided()
        #expect(try harness.spool.findings().isEmpty)
        try Data("<b/>".utf8).write(
            to: URL(fileURLWithPath: harness.spool.path(of: set.parts[0], in: set.ticket)))
        #expect(try harness.spool.findings().count == 1)
    }

    @Test func `an early GO waits again after a restart`() throws {
        let harness = try Harness()
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("GO.\(stem).1")
        harness.clock.advance(100)
        try harness.reopen()
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.names().count == 2)
        try harness.put("FS.\(stem).1.1", "signature")
        #expect(try harness.rows().isEmpty)
        harness.clock.advance(5)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().map(\.sealed.parts.count) == [2] }

        try harness.put("GO.\(Harness.stem(2)).1")
        try harness.reopen()
        harness.clock.advance(5)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == 2 }
    }

    @Test func `resumable bytes survive a restart`() throws {
        let harness = try Harness()
        let name = try #require(FileName("FI.\(stem).1.1"))
        let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        try upload.write("hello ", at: 0)
        upload.abandon()
        try harness.reopen()
        let again = try harness.home().upload(name, in: .incoming, mode: .resume)
        #expect(again.size == 6)
        #expect(throws: HomeFault.superseded) { try upload.write("x", at: 0) }
    }

    @Test func `nothing is taken after closing`() throws {
        let harness = try Harness()
        let home = try harness.home()
        harness.spool.close()
        harness.spool.close()
        #expect(throws: HomeFault.self) { try home.put(try #require(FileName("x")), [], in: .incoming) }
        #expect(throws: HomeFault.self) { try harness.home() }
        #expect(throws: SpoolFault.self) { try harness.spool.republish(Ticket(.set, counter: 1)) }
        #expect(harness.spool.nextUndecided() == nil)
    }
}
