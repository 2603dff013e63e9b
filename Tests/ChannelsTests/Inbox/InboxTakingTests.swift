import Exchange
import Synchronization
import Testing

@testable import Channels

@Suite struct InboxTakingTests {
    private let stem = InboxRig.stem

    @Test func `a set is taken whole when its GO is there, and leaves the server GO first`() throws {
        let rig = try InboxRig()
        rig.putFiles()
        rig.look()
        #expect(rig.intake.sealed.isEmpty, "it was taken without its GO")
        rig.put("GO.\(stem)", "ignored")
        _ = rig.server.calls("none")
        rig.look()
        #expect(
            rig.server.calls("remove").map { $0.split(separator: "/").last?.prefix(2) } == ["GO", "FS", "FI"])
        let set = try #require(rig.intake.sealed.first)
        #expect(rig.intake.sealed.count == 1)
        #expect(set.name == "GO.\(stem)" && set.hasTrigger && set.channel == .ftp && set.mailbox == .incoming)
        #expect(
            set.files.mapValues { String(decoding: $0, as: UTF8.self) } == [
                "FI.\(stem).1": "declaration", "FS.\(stem).1": "signature of declaration",
            ])
        #expect(rig.incoming.isEmpty)
        #expect(rig.intake.marks.isEmpty)
        #expect(rig.intake.state.withLock { $0.open } == 0)
    }

    @Test func `each incoming directory is looked into, and none of the others`() throws {
        let rig = try InboxRig()
        rig.server.put("006400/INTEST/GO.DMFA.006400.20260420.00001.T.1")
        rig.server.put("006400/INTEST-S/ZI.DMFA.006400.20260420.00001.S.1")
        rig.server.put("006400/OUT/ZI.DMFA.006400.20260420.00001.R.1")
        rig.look()
        rig.look()
        #expect(Set(rig.intake.sealed.map(\.mailbox)) == [.incomingTest, .incomingSimulation])
        #expect(rig.outgoing == ["ZI.DMFA.006400.20260420.00001.R.1"])
    }

    @Test func `a GO that comes early waits for its files from the last change of the set we saw`() throws {
        let rig = try InboxRig { $0.interval = 1 }
        rig.put("GO.\(stem)")
        rig.look()
        rig.look(after: 4)
        #expect(rig.intake.sealed.isEmpty)
        rig.put("FI.\(stem).1", "half")
        rig.look(after: 4)
        rig.look(after: 4)
        #expect(rig.intake.sealed.isEmpty, "the set had just changed")
        rig.look(after: 2)
        #expect(rig.intake.sealed.map(\.files.count) == [1])
        #expect(rig.incoming.isEmpty)
    }

    @Test func `of a sender that is to pause nothing is taken, of others it is`() throws {
        let rig = try InboxRig(["006400", "006401"])
        let (first, second) = (try rig.sender(), try rig.sender("006401"))
        rig.intake.state.withLock { $0.pauses[first] = 5 }
        rig.server.put("006400/IN/ZI.DMFA.006400.20260420.00001.R.1")
        rig.server.put("006401/IN/ZI.DMFA.006401.20260420.00001.R.1")
        rig.look()
        #expect(rig.intake.sealed.map(\.sender) == [second])
        rig.intake.state.withLock { $0.pauses[first] = nil }
        rig.look(after: 5)
        #expect(rig.intake.sealed.map(\.sender) == [second, first])
    }

    @Test func `a GO with all its files does not wait`() throws {
        let rig = try InboxRig()
        rig.put("GO.\(stem)")
        rig.putFiles()
        rig.look()
        #expect(rig.intake.sealed.count == 1)
    }

    @Test func `a file with an unknown prefix is a set of its own`() throws {
        let rig = try InboxRig()
        rig.put("ZI.\(stem).1", "zip")
        rig.look()
        let set = try #require(rig.intake.sealed.first)
        #expect(set.name == "ZI.\(stem).1" && !set.hasTrigger && set.files.count == 1)
        #expect(rig.incoming.isEmpty)
    }

    @Test func `a GO that cannot be read takes the files that say the same`() throws {
        let rig = try InboxRig()
        rig.putFiles()
        rig.put("GO.\(stem).1")
        rig.look()
        #expect(rig.intake.sealed.map(\.name) == ["GO.\(stem).1"])
        #expect(rig.intake.sealed.map(\.files.count) == [2])
        #expect(rig.incoming.isEmpty)
    }

    @Test func `files without a GO are handed in after their delay, the files of one set together`() throws {
        let rig = try InboxRig { configuration in
            configuration.interval = 1
            configuration.incompleteDelay = 1000
        }
        rig.putFiles()
        rig.put("notes.txt", "notes")
        rig.put("FI.\(stem).1.part", "left behind")
        rig.look()
        rig.look(after: 990)
        #expect(rig.intake.sealed.isEmpty)
        rig.look(after: 11)
        let sets = rig.intake.sealed
        #expect(Set(sets.map(\.name)) == ["GO.\(stem)", "notes.txt", "FI.\(stem).1.part"])
        #expect(sets.allSatisfy { !$0.hasTrigger })
        #expect(sets.first { $0.name == "GO.\(stem)" }?.files.count == 2)
        #expect(rig.incoming.isEmpty)
    }

    @Test func `a file that still grows is not given up`() throws {
        let rig = try InboxRig { $0.incompleteDelay = 1000 }
        for size in 1...5 {
            rig.put("FI.\(stem).1", String(repeating: "x", count: size))
            rig.look(after: 600)
        }
        #expect(rig.intake.sealed.isEmpty)
    }

    @Test(arguments: [0, -172_800.0])
    func `at a server whose clock is right or two days behind the delay is counted from what we saw`(
        behind: Double
    ) throws {
        let rig = try InboxRig()
        rig.put("FI.\(stem).1", "declaration", modifiedAt: rig.date + behind)
        rig.look()
        rig.restart()
        rig.look()
        rig.put("FS.\(stem).1", "signature", modifiedAt: rig.date + behind)
        rig.look(after: 80_000)
        rig.look(after: 80_000)
        #expect(rig.intake.sealed.isEmpty, "its last file came less than 24 h ago")
        rig.restart()
        rig.look(after: 80_000)
        rig.look(after: 80_000)
        #expect(rig.intake.sealed.isEmpty, "what was seen before the restart is not known any more")
        rig.look(after: 6500)
        #expect(rig.intake.sealed.map(\.hasTrigger) == [false])
        #expect(rig.intake.sealed.map(\.files.count) == [2] && rig.incoming.isEmpty)
    }

    @Test func `what lay there while its sender was blocked is looked at like what has just come`() throws {
        let rig = try InboxRig()
        for prefix in ["FI", "FS"] { rig.put("\(prefix).\(stem).1", modifiedAt: rig.date) }
        rig.look()
        let accounts = rig.accounts.withLock { accounts in
            defer { accounts = [] }
            return accounts
        }
        rig.look(after: 172_800)
        rig.accounts.withLock { $0 = accounts }
        rig.look()
        #expect(rig.intake.sealed.isEmpty)
        rig.put("GO.\(stem)")
        rig.look()
        #expect(rig.intake.sealed.map(\.files.count) == [2])
    }

    @Test func `a TD removes the files of its set and itself, last`() throws {
        let rig = try InboxRig()
        rig.putFiles()
        rig.put("GO.\(stem)")
        rig.put("TD.\(stem)")
        rig.put("FI.DMFA.006400.20260420.00002.R.1.1", "another")
        rig.look()
        #expect(
            rig.server.calls("remove").map { $0.split(separator: "/").last?.prefix(2) } == [
                "GO", "FS", "FI", "TD",
            ])
        #expect(rig.intake.sealed.isEmpty)
        #expect(rig.incoming == ["FI.DMFA.006400.20260420.00002.R.1.1"])
    }

    @Test func `a TD whose work is broken off goes on with it`() throws {
        let rig = try InboxRig()
        rig.putFiles()
        rig.put("GO.\(stem)")
        rig.put("TD.\(stem)")
        rig.server.fail { $0.kind == "remove" && $0.target.contains("/FS.") ? .fails(.brokenOff) : .fine }
        rig.look()
        rig.restart()
        rig.server.fail { _ in .fine }
        rig.look()
        rig.look()
        #expect(rig.intake.sealed.isEmpty && rig.incoming.isEmpty)
    }

    @Test func `names that cannot be taken are left and told once`() throws {
        let rig = try InboxRig()
        let long = "FI." + String(repeating: "x", count: 80)
        rig.put(long, "long")
        rig.put("FI.a\r\nb", "break")
        rig.look()
        rig.look()
        #expect(rig.incoming == [long, "FI.a\r\nb"].sorted())
        #expect(rig.log.lines(with: "whose name cannot be taken").count == 2)
    }

    @Test func `a directory that is missing does not keep the others from being read`() throws {
        let rig = try InboxRig()
        rig.server.state.withLock { _ = $0.directories.remove("006400/IN") }
        rig.server.put("006400/INTEST/ZI.DMFA.006400.20260420.00001.T.1")
        rig.look()
        rig.look()
        #expect(rig.intake.sealed.count == 1)
        #expect(rig.log.lines(with: "a directory cannot be read").count == 1)
        #expect(rig.log.lines(with: "an account fails").isEmpty)
    }

    @Test func `many sets are taken, a bounded number in one look`() throws {
        let rig = try InboxRig()
        for number in 1...150 {
            let stem = "DMFA.006400.20260420.\("\(100_000 + number)".dropFirst()).R.1"
            rig.putFiles(stem, "\(number)")
            rig.put("GO.\(stem)")
        }
        rig.look()
        #expect(rig.intake.sealed.count == 150)
        #expect(Set(rig.intake.sealed.map(\.name)).count == 150)
        #expect(rig.incoming.isEmpty && rig.intake.marks.isEmpty)
        // Three looks: one listing before, one before the removals, one after.
        #expect(rig.server.calls("list").filter { $0 == "006400/IN" }.count == 9)
    }

    @Test func `after stop nothing more is begun`() throws {
        let rig = try InboxRig()
        rig.putFiles()
        rig.put("GO.\(stem)")
        rig.current.stop()
        rig.look()
        #expect(rig.intake.sealed.isEmpty)
        rig.current.run()
    }
}
