import Exchange
import Testing

@Suite struct PartNameTests {
    private func codes(_ text: String) throws -> [ReceptionCode] {
        let name = try #require(FileName(text))
        do {
            _ = try PartName(name)
            return []
        } catch {
            return error.codes
        }
    }

    private func parsed(_ text: String) throws -> PartName {
        try PartName(#require(FileName(text)))
    }

    @Test func `every element of a declaration's name is read`() throws {
        let name = try parsed("FI.DMFA.006400.20070423.0A0Z1.R.4.2")
        #expect(name.kind == .declaration)
        #expect(name.set.purpose == Purpose("DMFA"))
        #expect(name.set.sender == SenderNumber("006400"))
        #expect(name.set.date == CalendarDate(year: 2007, month: 4, day: 23))
        #expect(name.set.sequence == "0A0Z1")
        #expect(name.set.environment == .real)
        #expect(name.set.parts == 4)
        #expect(name.part == 2)
    }

    @Test(arguments: [
        ("FI", PartName.Kind.declaration), ("FS", .signature), ("GO", .trigger), ("TD", .cancellation),
    ])
    func `the prefix says what the file is`(_ prefix: String, _ kind: PartName.Kind) throws {
        let numbered = prefix == "FI" || prefix == "FS"
        let name = try parsed("\(prefix).DMFA.123456.20120213.00001.T.3\(numbered ? ".3" : "")")
        #expect(name.kind == kind)
        #expect(name.set.environment == .test)
        #expect(name.set.parts == 3)
        #expect(name.part == (numbered ? 3 : nil))
    }

    @Test(arguments: ["WECH", "ZIMA", "AOAT"])
    func `a DRS name has its parts or not`(_ purpose: String) throws {
        for prefix in ["FI", "FS", "GO", "TD"] {
            let short = try parsed("\(prefix).\(purpose).123456.20030801.00001.S")
            #expect(short.set.parts == nil)
            #expect(short.set.declarationCount == 1)
            #expect(short.part == nil)
        }
        let long = try parsed("FI.\(purpose).123456.20030801.00001.S.2.1")
        #expect(long.set.parts == 2)
        #expect(long.set.declarationCount == 2)
        #expect(long.part == 1)
        #expect(try parsed("GO.\(purpose).123456.20030801.00001.S.2").set.isSameSet(as: long.set))
    }

    @Test func `a part number of zero is left to the numbering to judge`() throws {
        #expect(try parsed("FI.DMFA.123456.20120213.00001.R.1.0").part == 0)
    }

    /// The plain name `FI.DMFA.006400.20230420.00001.R.1.1` with one element changed, and what that earns.
    @Test(arguments: [
        ("XX.DMFA.006400.20230420.00001.R.1.1", [ReceptionCode.wrongPrefix]),
        ("fi.DMFA.006400.20230420.00001.R.1.1", [.wrongPrefix]),
        ("FO.DMFA.006400.20230420.00001.R.1.1", [.wrongPrefix]),
        ("readme", [.wrongPrefix]),
        ("FI", [.malformedDeclarationName]),
        ("FI.dmfa.006400.20230420.00001.R.1.1", [.malformedDeclarationName]),
        ("FI.DMF.006400.20230420.00001.R.1.1", [.malformedDeclarationName]),
        ("FI.DMFA.06400.20230420.00001.R.1.1", [.malformedDeclarationName]),
        ("FI.DMFA.000000.20230420.00001.R.1.1", [.malformedDeclarationName]),
        ("FI.DMFA.999999.20230420.00001.R.1.1", [.malformedDeclarationName]),
        ("FI.DMFA.00640A.20230420.00001.R.1.1", [.malformedDeclarationName]),
        ("FI.DMFA.006400.20230420.00001.R.1", [.malformedDeclarationName]),
        ("FI.DMFA.006400.20230420.00001.R.1.1.1", [.malformedDeclarationName]),
        ("FI.DMFA.006400.20230420.00001.R", [.malformedDeclarationName]),
        ("FI.DMFA.006400.20230420.00001.R.1.A", [.malformedDeclarationName]),
        ("FI.DMFA.006400.20230420.00001.R.1.12", [.malformedDeclarationName]),
        ("FI.DMFA.006400.20230420.00001.R.1.", [.malformedDeclarationName]),
        ("FS.DMFA.006400.20230420.00001.R.1", [.malformedSignatureName]),
        ("FS.DMFA.006400.20230420.00001.R.1.X", [.malformedSignatureName]),
        ("GO.DMFA.006400.20230420.00001.R", [.malformedTriggerName]),
        ("GO.DMFA.006400.20230420.00001.R.1.1", [.malformedTriggerName]),
        ("TD.DMFA.006400.20230420.00001.R.1.1", [.malformedTriggerName]),
        ("FI.DMFA.006400.2023042.00001.R.1.1", [.dateLength]),
        ("FI.DMFA.006400..00001.R.1.1", [.dateLength]),
        ("FI.DMFA.006400.20230230.00001.R.1.1", [.dateInvalid]),
        ("FI.DMFA.006400.2023042x.00001.R.1.1", [.dateInvalid]),
        ("FI.DMFA.006400.20230420.0001.R.1.1", [.sequenceLength]),
        ("FI.DMFA.006400.20230420.000001.R.1.1", [.sequenceLength]),
        ("FI.DMFA.006400.20230420.0000a.R.1.1", [.sequenceCharacters]),
        ("FI.DMFA.006400.20230420.00-01.R.1.1", [.sequenceCharacters]),
        ("FI.DMFA.006400.20230420.00000.R.1.1", [.sequenceZero]),
        ("FI.DMFA.006400.20230420.00001.X.1.1", [.environmentUnknown]),
        ("FI.DMFA.006400.20230420.00001.r.1.1", [.environmentUnknown]),
        ("FI.DMFA.006400.20230420.00001..1.1", [.environmentMissing]),
        ("FI.DMFA.006400.20230420.00001", [.environmentMissing]),
        ("GO.DMFA.006400.20230420.00001", [.environmentMissing]),
        ("FI.DMFA.006400.20230420.00001.R.10.1", [.partsLength]),
        ("FI.DMFA.006400.20230420.00001.R..1", [.partsLength]),
        ("FI.DMFA.006400.20230420.00001.R.A.1", [.partsNotNumeric]),
        ("FI.DMFA.006400.20230420.00001.R.0.1", [.partsZero]),
        ("GO.DMFA.006400.20230420.00001.R.0", [.partsZero]),
    ])
    func `a fault in a name earns its code`(_ text: String, _ expected: [ReceptionCode]) throws {
        #expect(try codes(text) == expected)
    }

    @Test func `several faults are told together`() throws {
        #expect(
            try codes("FI.DMFA.006400.20231301.00000.X.0.1")
                == [.dateInvalid, .sequenceZero, .environmentUnknown, .partsZero])
        #expect(
            try codes("GO.DMFA.006400.2023.abc.X.10")
                == [.dateLength, .sequenceLength, .environmentUnknown, .partsLength])
    }

    @Test func `every code of the form of a name can be earned, those needing more knowledge cannot`() throws
    {
        let names = [
            "GO.DMFA", "FI.A", "FS.A", "X", "FI.DMFA.006400.1.1.X.10.1",
            "FI.DMFA.006400.20231301.0000a.R.A.1",
            "FI.DMFA.006400.20230420.00000.R.0.1", "FI.DMFA.006400.20230420.00001..1.1",
        ]
        let earned = Set(try names.flatMap(codes))
        let ofName = Set(ReceptionCode.allCases.filter { $0.phase == .name })
        #expect(ofName.subtracting(earned) == [.dateInFuture, .dateTooOld, .partsAboveMaximum])
        #expect(earned.isSubset(of: ofName))
    }

    @Test func `bytes that are no text never make a name, nor a crash`() throws {
        var generator = SeededGenerator(seed: 20_230_420)
        let plain = Array("FI.DMFA.006400.20230420.00001.R.1.1".utf8)
        for _ in 0..<5000 {
            var bytes = plain
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                in: 0x80...0xFF, using: &generator)
            let name = try #require(FileName(bytes))
            #expect(throws: PartName.Fault.self) { try PartName(name) }
            guard let noise = FileName(generator.bytes(Int.random(in: 1...80, using: &generator))) else {
                continue
            }
            #expect(throws: PartName.Fault.self) { try PartName(noise) }
        }
    }

    @Test func `the number of parts does not tell two sets apart, all else does`() throws {
        let one = try parsed("GO.DMFA.006400.20230420.00001.R.1").set
        #expect(one.isSameSet(as: try parsed("GO.DMFA.006400.20230420.00001.R.2").set))
        for other in [
            "GO.DMWA.006400.20230420.00001.R.1", "GO.DMFA.006401.20230420.00001.R.1",
            "GO.DMFA.006400.20230421.00001.R.1", "GO.DMFA.006400.20230420.00002.R.1",
            "GO.DMFA.006400.20230420.00001.T.1",
        ] {
            #expect(!one.isSameSet(as: try parsed(other).set))
        }
    }
}
