import Exchange
import Testing

@testable import Pipeline

struct NameStageTests {
    private func codes(_ set: SealedSet, _ policy: DecisionPolicy = DecisionPolicy()) throws -> [Int] {
        let stage = NameStage(policy: policy, today: try #require(Fixtures.today))
        return Fixtures.codes { () throws(StageFailure) in try stage.judge(set) }
    }

    @Test func `a set that follows the convention passes with its parts told apart`() throws {
        let stage = NameStage(policy: DecisionPolicy(), today: try #require(Fixtures.today))
        let named = try stage.judge(Fixtures.whole("DMFA.006400.20230420.00001.R.3"))
        #expect(named.declarations.map(\.name.part) == [1, 2, 3])
        #expect(named.signatures.map(\.name.part) == [1, 2, 3])
        #expect(named.name.parts == 3)
    }

    @Test(arguments: [
        ("DMFA.006401.20230420.00001.R.1", 108), ("DMFA.006400.2023420.00001.R.1", 109),
        ("DMFA.006400.20230431.00001.R.1", 110), ("DMFA.006400.20230421.00001.R.1", 111),
        ("DMFA.006400.20230420.0001.R.1", 112), ("DMFA.006400.20230420.00001.R.12", 114),
        ("DMFA.006400.20230420.00001.R.X", 115), ("DMFA.006400.20230420.00001.R.0", 116),
        ("DMFA.006400.20230420.00001.Q.1", 117), ("DMFA.006400.20230320.00001.R.1", 126),
        ("DMFA.006400.20230420.00000.R.1", 127), ("DMFA.006400.20230420", 107),
        ("DMFA.006400.20230420.00001", 144),
        ("DMFA.006400.20230420.0000é.R.1", 112), ("DMFA.006400.20230420.0000a.R.1", 367),
    ])
    func `a fault of the name has its code`(stem: String, code: Int) throws {
        #expect(try codes(Fixtures.set("GO.\(stem)", [])) == [code])
    }

    @Test(arguments: [("FI", 131), ("FS", 132), ("ZI", 129), ("fi", 129)])
    func `a file with a bad name has the code of its kind`(prefix: String, code: Int) throws {
        let whole = try Fixtures.whole()
        let bad = try Fixtures.set("\(whole.name)", ["\(prefix).DMFA.006400.20230420.00001.R"])
        #expect(try codes(bad) == [code])
    }

    @Test func `thirty days are not too old and thirty-one are`() throws {
        #expect(try codes(Fixtures.whole("DMFA.006400.20230321.00001.R.1")) == [])
        #expect(try codes(Fixtures.whole("DMFA.006400.20230320.00001.R.1")) == [126])
    }

    @Test func `the age is the operator's`() throws {
        var policy = DecisionPolicy()
        policy.dateAge = 0
        #expect(try codes(Fixtures.whole("DMFA.006400.20230419.00001.R.1"), policy) == [126])
        #expect(try codes(Fixtures.whole(), policy) == [])
    }

    @Test func `the number of parts is the operator's`() throws {
        var policy = DecisionPolicy()
        policy.parts = 2
        #expect(try codes(Fixtures.whole("DMFA.006400.20230420.00001.R.3"), policy) == [128])
        #expect(try codes(Fixtures.whole("DMFA.006400.20230420.00001.R.2"), policy) == [])
    }

    @Test(arguments: Mailbox.allCases.filter(\.takesUploads), ExchangeEnvironment.allCases)
    func `each environment has its directory`(mailbox: Mailbox, environment: ExchangeEnvironment) throws {
        let set = try Fixtures.whole("DMFA.006400.20230420.00001.\(environment.rawValue).1", in: mailbox)
        let expected: [Int] =
            switch (environment, mailbox) {
            case (.real, .incoming), (.test, .incomingTest), (.simulation, .incomingSimulation): []
            case (.real, _): [118]
            case (.test, _): [119]
            case (.simulation, _): [257]
            }
        #expect(try codes(set) == expected)
    }

    @Test func `all faults of names, directory and sender are told at once`() throws {
        var policy = DecisionPolicy()
        policy.parts = 2
        let set = try Fixtures.set(
            "GO.DMFA.006401.20230421.00001.T.3",
            ["FI.DMFA.006401.20230421.00001.T", "FS.DMFA.006401.20230421.00001.T", "XX.y"])
        #expect(try codes(set, policy) == [108, 111, 119, 128, 129, 131, 132])
    }

    @Test func `faults that all names share are told of each file, for the receipt to tell once`() throws {
        let set = try Fixtures.whole("DMFA.006400.2023042.00001.R.1")
        #expect(try codes(set) == [109, 109, 109])
        var record = try Fixtures.record(.refused)
        record.checks = [
            .init(phase: "name", rule: "", inputs: [:], verdict: .refused, findings: try findings(of: set))
        ]
        #expect(record.codes == [.dateLength])
    }

    private func findings(of set: SealedSet) throws -> [Finding] {
        let stage = NameStage(policy: DecisionPolicy(), today: try #require(Fixtures.today))
        return Fixtures.findings { () throws(StageFailure) in try stage.judge(set) }
    }

    @Test func `the finding names the file at fault, escaped`() throws {
        let name = try #require(FileName(Array("FI.".utf8) + [0xFF, 0x07]))
        let set = SealedSet(
            ticket: Fixtures.ticket(), sender: try Fixtures.sender(), channel: .sftp, mailbox: .incoming,
            receivedAt: Fixtures.noon, name: try Fixtures.whole().name, hasTrigger: true,
            parts: [.init(name: name, size: 1, digest: try Fixtures.digest(1))])
        let findings = try findings(of: set)
        #expect(findings.map(\.file) == [name])
        #expect(findings.allSatisfy { $0.detail.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } })
        #expect(findings.contains { $0.detail.contains("FI.%FF%07") })
    }

    @Test func `a set without GO is judged by the name of a file`() throws {
        let name = "FI.DMFA.006400.20230420.00001.R.1.1"
        #expect(try codes(Fixtures.set(name, [name], hasTrigger: false)) == [])
        #expect(try codes(Fixtures.set("x.xml", ["x.xml"], hasTrigger: false)) == [129])
    }
}
