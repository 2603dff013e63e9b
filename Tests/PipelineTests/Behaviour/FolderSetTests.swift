import Exchange
import Testing

@testable import Channels

struct FolderSetTests {
    private let stem = "DMFA.006400.20230420.00001.R"

    private func ready(_ names: String...) throws -> [FolderSet] {
        FolderSet.ready(among: try names.map { try Fixtures.name($0) })
    }

    @Test func `a set is ready with its GO, and takes its own files only`() throws {
        let sets = try ready(
            "FI.\(stem).1.1", "FS.\(stem).1.1", "GO.\(stem).1", "FI.DMFA.006400.20230420.00002.R.1.1", "x.xml"
        )
        #expect(sets.count == 1)
        #expect(sets.first?.trigger == (try Fixtures.name("GO.\(stem).1")))
        #expect(Set(sets.first?.parts.map(\.escaped) ?? []) == ["FI.\(stem).1.1", "FS.\(stem).1.1"])
        #expect(sets.first?.isComplete == true)
    }

    @Test func `without a GO nothing is ready`() throws {
        #expect(try ready("FI.\(stem).1.1", "FS.\(stem).1.1", "x", "go").isEmpty)
    }

    @Test func `a GO before its files is told to be early`() throws {
        #expect(try ready("GO.\(stem).1").map(\.isComplete) == [false])
        #expect(try ready("GO.\(stem).1", "FI.\(stem).1.1").map(\.isComplete) == [false])
        #expect(try ready("GO.\(stem).2", "FI.\(stem).2.1", "FS.\(stem).2.1").map(\.isComplete) == [false])
    }

    @Test func `a simulation is complete without signatures`() throws {
        let stem = "DMFA.006400.20230420.00001.S"
        #expect(try ready("GO.\(stem).1", "FI.\(stem).1.1").map(\.isComplete) == [true])
    }

    @Test func `a file with a bad name goes with the GO of its number`() throws {
        let sets = try ready("FI.\(stem)", "FS.\(stem).1.1", "GO.\(stem).1")
        #expect(sets.first?.parts.count == 2)
    }

    @Test func `a malformed GO is handed in as it is`() throws {
        #expect(try ready("GO").map(\.isComplete) == [true])
        #expect(try ready("GO.x.y").map(\.parts.count) == [0])
    }

    @Test func `a name with another prefix is handed in on its own`() throws {
        let sets = try ready("ZI.\(stem).1.1", "TD.\(stem).1")
        #expect(Set(sets.map(\.trigger.escaped)) == ["ZI.\(stem).1.1", "TD.\(stem).1"])
    }

    @Test func `a name with another prefix takes no files of a set that has no GO yet`() throws {
        let sets = try ready("ZI.\(stem).1.1", "FI.\(stem).1.1", "FS.\(stem).1.1")
        #expect(sets.map(\.parts.count) == [0])
    }

    @Test(arguments: [".hidden", ".GO.x", "GO.a.tmp", "FI.a.filepart", "GO.x.part", "GO.x.partial", "GO.x~"])
    func `names of unfinished uploads are never looked at`(name: String) throws {
        let file = try Fixtures.name(name)
        #expect(file.isTemporary && !file.isTelling)
    }
}
