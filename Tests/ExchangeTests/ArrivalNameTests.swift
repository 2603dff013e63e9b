import Exchange
import Testing

@Suite struct ArrivalNameTests {
    private let stem = "DMFA.006400.20230420.00001"

    private func arrival(_ text: String) throws -> ArrivalName { ArrivalName(try #require(FileName(text))) }

    private func role(_ text: String) throws -> String {
        switch try arrival(text).role {
        case .part: "part"
        case .trigger: "trigger"
        case .brokenTrigger: "broken trigger"
        case .cancellation: "cancellation"
        case .stranger: "stranger"
        case .temporary: "temporary"
        case .plain: "plain"
        }
    }

    @Test(arguments: [
        ("FI.DMFA.006400.20230420.00001.R.1.1", "part"), ("FS.WECH.006400.20230420.00001.R", "part"),
        ("GO.DMFA.006400.20230420.00001.R.1", "trigger"),
        ("TD.DMFA.006400.20230420.00001.R.1", "cancellation"),
        ("GO.DMFA.006400.20230420.00001.R", "broken trigger"), ("GO", "broken trigger"),
        ("GO.x", "broken trigger"),
        ("ZI.DMFA.006400.20230420.00001.R.1.1", "stranger"), ("FO.a.b.c.d.e", "stranger"),
        ("ZI.DMFA.006400.20230420.00001", "plain"), ("zi.DMFA.006400.20230420.00001.R.1.1", "plain"),
        ("FI.DMFA.006400.20230420.00001.R", "plain"), ("TD.DMFA.006400.20230420.00001.R", "plain"),
        ("notes.txt", "plain"), ("go.DMFA.006400.20230420.00001.R.1", "plain"),
    ])
    func `the shape of a name tells its role`(_ name: String, _ expected: String) throws {
        #expect(try role(name) == expected)
    }

    @Test(arguments: [
        ".hidden", ".GO.x", "GO.a.tmp", "FI.a.filepart", "GO.x.part", "GO.x.PART", "GO.x.partial", "GO.x~",
        "~",
        "GO.DMFA.006400.20230420.00001.R.1.Tmp",
    ])
    func `names of unfinished uploads have no set`(_ name: String) throws {
        let arrival = try arrival(name)
        #expect(try role(name) == "temporary")
        #expect(arrival.stem == nil && arrival.set == nil && !arrival.tells)
    }

    @Test func `only GO, TD and strangers have something done`() throws {
        #expect(
            try ["GO.\(stem).R.1", "GO", "TD.\(stem).R.1", "ZI.\(stem).R.1"].allSatisfy {
                try arrival($0).tells
            })
        #expect(try !["FI.\(stem).R.1.1", "FI.\(stem)", "notes.txt"].contains { try arrival($0).tells })
        #expect(try ["GO.\(stem).R.1", "GO"].allSatisfy { try arrival($0).isTrigger })
        #expect(try !arrival("TD.\(stem).R.1").isTrigger)
    }

    @Test func `files of one set belong together whatever number of parts they announce`() throws {
        let trigger = try arrival("GO.\(stem).R.2")
        let set = try #require(trigger.set)
        for name in [
            "FI.\(stem).R.2.1", "FS.\(stem).R.2.2", "FI.\(stem).R.1.1", "FI.\(stem).R", "FI.\(stem)",
        ] {
            #expect(try arrival(name).belongs(to: set, trigger.stem), "\(name)")
        }
        for name in [
            "FI.\(stem).T.2.1", "FI.DMFA.006400.20230420.00002.R.2.1", "GO.\(stem).R.2", "TD.\(stem).R.2",
            ".FI.\(stem).R.2.1", "FI.DMFA.006400",
        ] {
            #expect(try !arrival(name).belongs(to: set, trigger.stem), "\(name)")
        }
    }

    @Test func `a set is complete with all its FI and FS, in a simulation without FS`() throws {
        func isComplete(_ trigger: String, _ names: [String]) throws -> Bool {
            let set = try #require(try arrival(trigger).set)
            return set.isComplete(with: try names.compactMap { try arrival($0).part })
        }
        let two = ["FI.\(stem).R.2.1", "FI.\(stem).R.2.2", "FS.\(stem).R.2.1", "FS.\(stem).R.2.2"]
        #expect(try isComplete("GO.\(stem).R.2", two))
        for missing in two { #expect(try !isComplete("GO.\(stem).R.2", two.filter { $0 != missing })) }
        #expect(try !isComplete("GO.\(stem).R.1", two))
        #expect(try !isComplete("GO.\(stem).T.2", two))
        #expect(try isComplete("GO.\(stem).S.1", ["FI.\(stem).S.1.1"]))
        let drs = "WECH.006400.20230420.00001.R"
        #expect(try isComplete("GO.\(drs)", ["FI.\(drs)", "FS.\(drs)"]))
    }

    @Test func `of names that cannot be read a bounded number is taken, in order`() throws {
        let odd = try (100..<130).map { try #require(FileName("FI.\(stem).\($0)")) }
        let part = try #require(FileName("FI.\(stem).R.1.1"))
        let taken = ArrivalName.bounded(odd.shuffled() + [part])
        #expect(taken == odd.prefix(ArrivalName.mostParts) + [part])
    }
}
