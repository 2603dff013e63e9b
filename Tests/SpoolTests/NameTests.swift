import Exchange
import Foundation
import Testing

@testable import Spool

@Suite struct NameTests {
    @Test func `a TD takes what is not sealed, without a trace`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).2.1", "one")
        try harness.put("FS.\(stem).2.1", "one")
        try harness.put("GO.\(stem).2")
        try harness.put("FI.\(Harness.stem(2)).1.1", "other")
        try harness.put("TD.\(stem).2")
        #expect(try harness.names() == ["FI.\(Harness.stem(2)).1.1"])
        harness.clock.advance(100)
        harness.spool.sweeper.sealOverdue()
        harness.spool.sweeper.sweep()
        #expect(try harness.rows().isEmpty)
        #expect(harness.files("arriving/006400/IN").count == 1)
    }

    @Test func `a TD after sealing changes nothing`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.put("TD.\(Harness.stem(1)).1")
        #expect(try harness.rows().map(\.state) == [.received])
        #expect(try harness.names().isEmpty)
    }

    @Test func `a GO that cannot be parsed seals at once what matches its first elements`() throws {
        let harness = try Harness()
        try harness.put("FI.\(Harness.stem(1)).1.1", "<a/>")
        try harness.put("FS.\(Harness.stem(1)).1.1", "signature")
        try harness.put("FI.\(Harness.stem(2)).1.1", "other")
        try harness.put("GO.DMFA.006400.20260101.00001.Q.1")
        let row = try #require(try harness.rows().first)
        #expect(row.sealed.name.escaped == "GO.DMFA.006400.20260101.00001.Q.1")
        #expect(row.sealed.parts.count == 2)
        try harness.put("GO.nothing")
        #expect(try harness.rows().map(\.sealed.parts.count) == [2, 0])
        #expect(try harness.names() == ["FI.\(Harness.stem(2)).1.1"])
    }

    @Test func `a GO takes misnamed files of its set with it, and leaves temporary ones`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("FS.\(stem).1.1.bak", "signature")
        try harness.put("FI.\(stem).1.2.filepart", "half")
        try harness.put("GO.\(stem).1")
        #expect(
            try harness.rows()[0].sealed.parts.map(\.name.escaped) == [
                "FI.\(stem).1.1", "FS.\(stem).1.1", "FS.\(stem).1.1.bak",
            ])
        #expect(try harness.names() == ["FI.\(stem).1.2.filepart"])
    }

    @Test(arguments: ["CO", "XY"])
    func `a prefix nobody knows is a set of its own at once`(prefix: String) throws {
        let harness = try Harness()
        try harness.put("\(prefix).\(Harness.stem(1)).1.1", "zip")
        let row = try #require(try harness.rows().first)
        #expect(row.sealed.name.escaped == "\(prefix).\(Harness.stem(1)).1.1")
        #expect(!row.sealed.hasTrigger)
        #expect(row.sealed.parts.map(\.size) == [3])
    }

    @Test(arguments: [
        "notes.txt", "XY.DMFA.006400", "XYZ.DMFA.006400.20260101.00001.R.1.1",
        "xy.DMFA.006400.20260101.00001.R.1.1",
        "XY.DMFA.006400.20260101.00001.R.1.1.filepart", "GO.DMFA.006400.20260101.00001.R.1.PART", ".GO.x",
        "GO.x~",
        "GO.DMFA.006400.20260101.00001.R.1.Tmp", "GO.x.partial",
    ])
    func `other names just lie there`(name: String) throws {
        let harness = try Harness()
        try harness.put(name, "x")
        #expect(try harness.rows().isEmpty)
        #expect(try harness.home().entries(in: .incoming).map(\.name) == [FileName(name)])
    }

    @Test func `a file renamed into place counts as closed under its new name`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        for name in ["FI.\(stem).1.1", "FS.\(stem).1.1", "GO.\(stem).1"] {
            try harness.put("\(name).filepart", name)
            #expect(try harness.rows().isEmpty)
            try harness.home().rename("\(name).filepart", to: name)
        }
        #expect(try harness.rows().map(\.sealed.parts.count) == [2])
        #expect(try harness.names().isEmpty)
    }

    @Test func `the last missing file may be renamed into place after an early GO`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("GO.\(stem).1")
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("x.tmp", "<a/>")
        try harness.home().rename("x.tmp", to: "FI.\(stem).1.1")
        #expect(try harness.rows().map { $0.sealed.parts.map(\.size) } == [[4, 9]])
    }

    @Test func `a file still being written may be renamed and closes under its new name`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        let home = try harness.home()
        let temporary = try #require(FileName("FI.tmp"))
        let upload = try home.upload(temporary, in: .incoming, mode: .replace(exclusively: true))
        try upload.write("<a", at: 0)
        try home.rename("FI.tmp", to: "FI.\(stem).1.1")
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("GO.\(stem).1")
        #expect(try harness.rows().isEmpty)
        try upload.write("/>", at: 2)
        try upload.close()
        #expect(try harness.rows().map { $0.sealed.parts.map(\.size) } == [[4, 9]])
    }

    @Test func `renaming keeps to the rules of a directory`() throws {
        let harness = try Harness()
        let home = try harness.home()
        try harness.put("a.txt", "a")
        try harness.put("b.txt", "b")
        #expect(throws: HomeFault.alreadyExists) { try home.rename("a.txt", to: "b.txt") }
        #expect(throws: HomeFault.noSuchFile) { try home.rename("c.txt", to: "d.txt") }
        #expect(throws: HomeFault.notAllowed) { try home.rename("a.txt", to: "b.txt", in: .outgoing) }
        try home.rename("a.txt", to: "a.txt")
        try home.rename("a.txt", to: "b.txt", replacing: true)
        #expect(try harness.names() == ["b.txt"])
        #expect(try home.text("b.txt", in: .incoming) == "a")
        #expect(harness.files("arriving/006400/IN") == ["b.txt"])
    }

    @Test func `any bytes are a name and none of them is a path`() throws {
        let names: [[UInt8]] = [
            [0xFF, 0xFE], [0x01, 0x0A, 0x1B], Array("~origin.006400.sftp.IN".utf8), Array("~x".utf8),
            Array("%2E%2E".utf8), Array("..%2Fx".utf8), [0x2E, 0x2E, 0x2E],
            [UInt8](repeating: 0xF0, count: 80),
            Array("a b\\c".utf8), Array("-rf".utf8),
        ]
        #expect(FileName([UInt8](repeating: 0x61, count: 255)) == nil)
        let harness = try Harness()
        let home = try harness.home()
        let all = try names.map { try #require(FileName($0)) }
        for name in all { try home.put(name, name.bytes, in: .incoming) }
        #expect(Set(try home.entries(in: .incoming).map(\.name)) == Set(all))
        try harness.reopen()
        #expect(Set(try harness.home().entries(in: .incoming).map(\.name)) == Set(all))
        harness.clock.advance(200_000_000)
        harness.spool.sweeper.sweep()
        try eventually("answered each") { try harness.rows().count == all.count }
        #expect(Set(try harness.rows().map(\.sealed.name)) == Set(all))
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `a GO with the longest possible name on disk is sealed, put back and sealed again`() throws {
        let harness = try Harness()
        let name = try #require(FileName(Array("GO.".utf8) + [UInt8](repeating: 0xF0, count: 77)))
        try harness.ledger(
            "CREATE TRIGGER trouble BEFORE INSERT ON fileSet BEGIN SELECT RAISE(ABORT, 'trouble'); END")
        #expect(throws: HomeFault.self) { try harness.home().put(name, [], in: .incoming) }
        #expect(try harness.names() == [name.escaped])
        try harness.ledger("DROP TRIGGER trouble")
        try harness.home().put(name, [], in: .incoming)
        let ticket = try #require(try harness.rows().map(\.sealed).first { $0.name == name }?.ticket)
        #expect(harness.files("held/\(ticket)") == ["~\(name.escaped)", "~origin.006400.sftp.IN"])
        #expect(try harness.spool.findings().isEmpty)
    }
}
