import Exchange
import TestServers
import Testing

@testable import Channels

@Suite struct InboxGatheringTests {
    private let stem = "DMFA.006400.20230420.00001.R"

    private func gathering(_ names: String...) throws -> InboxGathering {
        InboxGathering(try names.map { try #require(FileName($0)) })
    }

    private func names(_ group: InboxGroup?) -> [String] { group?.files.map(\.escaped) ?? [] }

    @Test func `a set is ready with its GO, and takes its own files only`() throws {
        let found = try gathering(
            "FI.\(stem).1.1", "FS.\(stem).1.1", "GO.\(stem).1", "FI.DMFA.006400.20230420.00002.R.1.1",
            "x.xml",
            "FI.DMFA.006400.20230420.00001.T.1.1")
        #expect(found.ready.count == 1)
        #expect(names(found.ready.first) == ["GO.\(stem).1", "FS.\(stem).1.1", "FI.\(stem).1.1"])
        #expect(found.ready.first?.isComplete == true)
        #expect(found.incomplete.count == 3)
    }

    @Test func `without a GO nothing is ready`() throws {
        #expect(try gathering("FI.\(stem).1.1", "FS.\(stem).1.1", "x", "go").ready.isEmpty)
    }

    @Test func `a GO before its files is told to be early`() throws {
        #expect(try gathering("GO.\(stem).1").ready.map(\.isComplete) == [false])
        #expect(try gathering("GO.\(stem).1", "FI.\(stem).1.1").ready.map(\.isComplete) == [false])
        #expect(
            try gathering("GO.\(stem).2", "FI.\(stem).2.1", "FS.\(stem).2.1").ready.map(\.isComplete) == [
                false
            ])
    }

    @Test func `a simulation is complete without signatures`() throws {
        let stem = "DMFA.006400.20230420.00001.S"
        #expect(try gathering("GO.\(stem).1", "FI.\(stem).1.1").ready.map(\.isComplete) == [true])
    }

    @Test func `a file with a bad name goes with the GO of its number`() throws {
        let found = try gathering("FI.\(stem)", "FS.\(stem).1.1", "GO.\(stem).1")
        #expect(found.ready.first?.parts.count == 2)
    }

    @Test func `a malformed GO is ready as it is`() throws {
        #expect(try gathering("GO").ready.map(\.isComplete) == [true])
        #expect(try gathering("GO.x.y", "FI.x.y").ready.map(\.parts.count) == [0])
        #expect(try gathering("GO.\(stem)", "FI.\(stem).1.1").ready.map(\.parts.count) == [1])
    }

    @Test func `a GO that follows the convention has its files before one that does not`() throws {
        let found = try gathering("GO.DMFA.006400.20230420.00001.R", "GO.\(stem).1", "FI.\(stem).1.1")
        #expect(found.ready.map(\.name.escaped) == ["GO.\(stem).1", "GO.\(stem)"])
        #expect(found.ready.map(\.parts.count) == [1, 0])
    }

    @Test func `a name with another prefix is on its own, whatever lies beside it`() throws {
        for others in [["GO.\(stem).1"], ["FI.\(stem).1.1", "FS.\(stem).1.1"], ["TD.\(stem).1"]] {
            let found = InboxGathering(
                try (["ZI.\(stem).1.1"] + others).map { try #require(FileName($0)) })
            let alone = found.ready.filter { $0.kind == .alone }
            #expect(alone.map { $0.parts.map(\.escaped) } == [["ZI.\(stem).1.1"]])
        }
    }

    @Test func `a TD takes the files and the GOs of its set and no other's`() throws {
        let found = try gathering(
            "TD.\(stem).1", "FI.\(stem).1.1", "FS.\(stem).1.1", "GO.\(stem).1", "GO.\(stem).2",
            "FI.DMFA.006400.20230420.00001.T.1.1", "FI.DMFA.006400.20230420.00002.R.1.1")
        #expect(
            names(found.cancelled.first) == [
                "GO.\(stem).2", "GO.\(stem).1", "FS.\(stem).1.1", "FI.\(stem).1.1", "TD.\(stem).1",
            ])
        #expect(found.ready.isEmpty && found.incomplete.count == 2)
    }

    @Test func `the files of one set wait together, others alone`() throws {
        let found = try gathering(
            "FI.\(stem).1.1", "FS.\(stem).1.1", "FI.\(stem).2.2", "TD.x", "FI.\(stem)", ".FI.\(stem).1.1")
        #expect(found.incomplete.map(\.parts.count).sorted() == [1, 1, 1, 3])
        let set = try #require(found.incomplete.first { $0.parts.count == 3 })
        #expect(set.name.escaped == "GO.\(stem).1")
    }

    @Test func `of names that cannot be read a GO takes a bounded number`() throws {
        let odd = try (100..<140).map { try #require(FileName("FI.\(stem).\($0)")) }
        let found = InboxGathering(odd + [try #require(FileName("GO.\(stem).1"))])
        #expect(found.ready.map(\.parts.count) == [18])
        #expect(found.incomplete.count == 22)
    }

    @Test(arguments: [".hidden", ".GO.x", "GO.a.tmp", "FI.a.filepart", "GO.x.part", "GO.x.partial", "GO.x~"])
    func `names of unfinished uploads are no sets`(name: String) throws {
        let found = try gathering(name)
        #expect(found.ready.isEmpty && found.incomplete.count == 1)
    }

    @Test func `every file is in one group and no more`() throws {
        var generator = SeededGenerator(seed: 7)
        let elements = [
            ["FI", "FS", "GO", "TD", "ZI", "fi", ""], ["DMFA", "WECH"], ["006400"], ["20230420"],
            ["00001", "00002"],
            ["R", "T", "Q"], ["1", "2", ""], ["1", "2", ".part"],
        ]
        for _ in 0..<500 {
            let names = Set(
                (0..<12).compactMap { _ -> FileName? in
                    let count = Int.random(in: 4...8, using: &generator)
                    return FileName(
                        elements.prefix(count).map { $0.randomElement(using: &generator) ?? "" }.joined(
                            separator: "."))
                })
            let found = InboxGathering(names)
            let grouped =
                (found.cancelled + found.ready).flatMap(\.files) + found.incomplete.flatMap(\.parts)
            #expect(grouped.count == names.count && Set(grouped) == names)
        }
    }
}
