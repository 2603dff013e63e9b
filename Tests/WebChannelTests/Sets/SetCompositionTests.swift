import Exchange
import Testing

@testable import WebChannel

@Suite struct SetCompositionTests {
    private let first = "FI.DMFA.006400.20230420.00001.R.2.1"
    private let second = "FI.DMFA.006400.20230420.00001.R.2.2"

    @Test func `the set is named by its parts, and its GO derived from them`() throws {
        var composition = SetComposition()
        #expect(try composition.add(name(first)) == .part)
        #expect(try composition.add(name("FS" + first.dropFirst(2))) == .part)
        #expect(try composition.sealName() == name("GO.DMFA.006400.20230420.00001.R.2"))
        #expect(composition.set?.environment.mailbox == .incoming)
    }

    @Test func `a GO that comes gives the name, wherever it stands`() throws {
        let trigger = "GO.DMFA.006400.20230420.00001.R.3"
        for names in [[trigger, first], [first, trigger]] {
            var composition = SetComposition()
            for text in names { _ = try composition.add(name(text)) }
            #expect(try composition.sealName() == name(trigger))
        }
    }

    @Test func `a set without parts elements has a GO without them`() throws {
        var composition = SetComposition()
        _ = try composition.add(name("FI.WECH.006400.20230420.00001.T"))
        #expect(try composition.sealName() == name("GO.WECH.006400.20230420.00001.T"))
        #expect(composition.set?.environment.mailbox == .incomingTest)
    }

    @Test(arguments: [
        ("FI.DMFA.006400.20230420.00001.R.1", ReceptionCode.malformedDeclarationName),
        ("FS.DMFA.006400.20230420.00001.R.1", .malformedSignatureName),
        ("GO.DMFA.006400.20230420.00001.R.1.1", .malformedTriggerName),
        ("TD.DMFA.006400.20230420.00001.R.1", .wrongPrefix),
        ("FO.DMFA.006400.20230420.00001.R.1.1", .wrongPrefix),
        ("readme.txt", .wrongPrefix),
        ("FI.DMFA.006400.20230420.00001.X.1.1", .environmentUnknown),
    ])
    func `what cannot be named is refused with its code`(text: String, code: ReceptionCode) throws {
        var composition = SetComposition()
        let name = try name(text)
        #expect(throws: SetComposition.Refusal.name(name, [code])) { try composition.add(name) }
    }

    @Test(arguments: [
        "FI.DMFA.006400.20230420.00002.R.1.1", "FI.DMFA.006400.20230421.00001.R.1.1",
        "FI.DMFA.006401.20230420.00001.R.1.1", "FI.DIMN.006400.20230420.00001.R.1.1",
        "FI.DMFA.006400.20230420.00001.T.1.1", "GO.DMFA.006400.20230420.00002.R.1",
    ])
    func `a file of another set is refused`(text: String) throws {
        var composition = SetComposition()
        _ = try composition.add(name(first))
        let other = try name(text)
        #expect(throws: SetComposition.Refusal.otherSet(other)) { try composition.add(other) }
    }

    @Test func `parts that disagree about their number are for the decision`() throws {
        var composition = SetComposition()
        _ = try composition.add(name(first))
        #expect(try composition.add(name("FI.DMFA.006400.20230420.00001.R.3.2")) == .part)
    }

    @Test func `a file twice, two GO and a set of nothing are refused`() throws {
        var composition = SetComposition()
        _ = try composition.add(name(first))
        let twice = try name(first)
        #expect(throws: SetComposition.Refusal.twice(twice)) { try composition.add(twice) }
        var triggers = SetComposition()
        _ = try triggers.add(name("GO.DMFA.006400.20230420.00001.R.2"))
        #expect(throws: SetComposition.Refusal.nothing) { try triggers.sealName() }
        let other = try name("GO.DMFA.006400.20230420.00001.R.3")
        #expect(throws: SetComposition.Refusal.otherSet(other)) { try triggers.add(other) }
        #expect(throws: SetComposition.Refusal.nothing) { try SetComposition().sealName() }
    }

    private func name(_ text: String) throws -> FileName {
        try #require(FileName(text))
    }
}
