import Exchange
import Testing

@testable import Pipeline

struct SetStageTests {
    private let stem = "DMFA.006400.20230420.00001.R.1"
    private let two = "DMFA.006400.20230420.00001.R.2"

    private func judge(
        _ set: SealedSet, _ policy: DecisionPolicy = DecisionPolicy(),
        accepted: (ticket: Ticket, parts: [SealedSet.Part])? = nil, isUnsigned: Bool = false
    ) throws -> Result<SetVerdict, StageFailure> {
        let named = try NameStage(policy: DecisionPolicy(), today: #require(Fixtures.today)).judge(set)
        let stage = SetStage(policy: policy, accepted: accepted, isUnsigned: isUnsigned)
        return Result { () throws(StageFailure) in try stage.judge(named, of: set) }
    }

    private func codes(
        _ set: SealedSet, _ policy: DecisionPolicy = DecisionPolicy(),
        accepted: (ticket: Ticket, parts: [SealedSet.Part])? = nil, isUnsigned: Bool = false
    ) throws -> [Int] {
        let result = try judge(set, policy, accepted: accepted, isUnsigned: isUnsigned)
        return Fixtures.codes { () throws(StageFailure) in try result.get() }
    }

    private func pairs(_ set: SealedSet, _ policy: DecisionPolicy = DecisionPolicy()) throws -> [CompleteSet
        .Pair]
    {
        guard case .complete(let complete) = try judge(set, policy).get() else { return [] }
        return complete.pairs
    }

    @Test func `a whole set comes out in pairs by part number`() throws {
        let pairs = try pairs(Fixtures.whole("DMFA.006400.20230420.00001.R.3"))
        #expect(pairs.map { $0.declaration.name.escaped.last } == ["1", "2", "3"])
        #expect(pairs.map { $0.signature?.name.escaped.last } == ["1", "2", "3"])
    }

    @Test func `files that are missing have their codes`() throws {
        #expect(try codes(Fixtures.set("GO.\(stem)", [])) == [120, 122, 142])
        #expect(try codes(Fixtures.set("GO.\(stem)", ["FS.\(stem).1"])) == [120, 142])
        #expect(try codes(Fixtures.set("GO.\(stem)", ["FI.\(stem).1"])) == [122])
        #expect(try codes(Fixtures.set("GO.\(two)", ["FI.\(two).1", "FS.\(two).1"])) == [120, 122])
    }

    @Test func `gaps, doubles and other totals have their codes`() throws {
        #expect(
            try codes(
                Fixtures.set("GO.\(two)", ["FI.\(two).1", "FI.\(two).3", "FS.\(two).1", "FS.\(two).2"])) == [
                    123
                ])
        #expect(
            try codes(
                Fixtures.set("GO.\(two)", ["FI.\(two).1", "FI.\(two).2", "FS.\(two).0", "FS.\(two).2"])) == [
                    124
                ])
        #expect(try codes(Fixtures.set("GO.\(stem)", ["FI.\(two).1", "FS.\(two).1"])) == [123, 124])
    }

    @Test func `an empty declaration has its code for each file`() throws {
        let set = try Fixtures.whole(two, sizes: ["FI.\(two).1": 0, "FI.\(two).2": 0])
        #expect(try codes(set) == [134, 134])
    }

    @Test func `a set without GO is refused with 130 besides`() throws {
        let set = try Fixtures.set("GO.\(stem)", ["FI.\(stem).1", "FS.\(stem).1"], hasTrigger: false)
        #expect(try codes(set) == [130])
    }

    @Test func `a file may have 35,000,000 bytes and not one more`() throws {
        #expect(try codes(Fixtures.whole(sizes: ["FI.\(stem).1": 35_000_000])) == [])
        #expect(try codes(Fixtures.whole(sizes: ["FI.\(stem).1": 35_000_001])) == [184])
    }

    @Test func `a set may have 50,000,000 bytes with its signatures and not one more`() throws {
        let sizes: [String: Int64] = ["FI.\(two).1": 25_000_000, "FI.\(two).2": 24_999_800]
        #expect(try codes(Fixtures.whole(two, sizes: sizes)) == [])
        #expect(try codes(Fixtures.whole(two, sizes: sizes.merging(["FS.\(two).2": 101]) { $1 })) == [509])
    }

    @Test func `sizes can be set by purpose`() throws {
        var policy = DecisionPolicy()
        policy.fileSizeByPurpose = ["DMFA": 99, "DIMN": 1]
        #expect(try codes(Fixtures.whole(), policy) == [184])
        policy.fileSizeByPurpose = ["DIMN": 1]
        #expect(try codes(Fixtures.whole(), policy) == [])
    }

    @Test func `all codes of the phase are told at once`() throws {
        let set = try Fixtures.set(
            "GO.\(two)", ["FI.\(two).2", "FS.\(two).2"], sizes: ["FI.\(two).2": 50_000_001], hasTrigger: false
        )
        #expect(try codes(set) == [120, 122, 123, 124, 130, 184, 509])
    }

    @Test func `a simulation needs no signature and ignores one`() throws {
        let stem = "DMFA.006400.20230420.00001.S.1"
        let unsigned = try Fixtures.set("GO.\(stem)", ["FI.\(stem).1"], in: .incomingSimulation)
        let signed = try Fixtures.whole(stem, in: .incomingSimulation)
        #expect(try pairs(unsigned).map(\.signature) == [nil])
        #expect(try pairs(signed).map(\.signature) == [nil])
        var policy = DecisionPolicy()
        policy.simulationRefusesSignature = true
        #expect(try codes(signed, policy) == [121])
        #expect(try codes(unsigned, policy) == [])
    }

    @Test func `whether a test set needs its signature is the operator's`() throws {
        let stem = "DMFA.006400.20230420.00001.T.1"
        let unsigned = try Fixtures.set("GO.\(stem)", ["FI.\(stem).1"], in: .incomingTest)
        #expect(try codes(unsigned) == [122])
        var policy = DecisionPolicy()
        policy.testNeedsSignature = false
        #expect(try codes(unsigned, policy) == [])
        #expect(try pairs(Fixtures.whole(stem, in: .incomingTest), policy).allSatisfy { $0.signature != nil })
    }

    @Test func `the real environment needs its signatures whatever the switches say`() throws {
        var policy = DecisionPolicy()
        policy.testNeedsSignature = false
        policy.simulationRefusesSignature = true
        #expect(try codes(Fixtures.set("GO.\(stem)", ["FI.\(stem).1"]), policy) == [122])
    }

    @Test func `a dry run before signing misses no signature, one with some misses the others`() throws {
        #expect(try codes(Fixtures.set("GO.\(stem)", ["FI.\(stem).1"]), isUnsigned: true) == [])
        let half = try Fixtures.set("GO.\(two)", ["FI.\(two).1", "FI.\(two).2", "FS.\(two).1"])
        #expect(try codes(half, isUnsigned: true) == [122])
    }

    @Test func `the same declarations again are a repeat, whatever their signatures`() throws {
        let first = try Fixtures.whole(digests: ["FI.\(stem).1": 7, "FS.\(stem).1": 8])
        let again = try Fixtures.whole(digests: ["FI.\(stem).1": 7, "FS.\(stem).1": 9])
        let verdict = try judge(again, accepted: (Fixtures.ticket(5), first.parts)).get()
        guard case .repeated(let ticket) = verdict else {
            Issue.record("it was no repeat")
            return
        }
        #expect(ticket == Fixtures.ticket(5))
    }

    @Test func `other declarations under an accepted name are refused with 133`() throws {
        let first = try Fixtures.whole(digests: ["FI.\(stem).1": 7])
        let other = try Fixtures.whole(digests: ["FI.\(stem).1": 6])
        #expect(try codes(other, accepted: (Fixtures.ticket(5), first.parts)) == [133])
        let longer = try Fixtures.whole(sizes: ["FI.\(stem).1": 101], digests: ["FI.\(stem).1": 7])
        #expect(try codes(longer, accepted: (Fixtures.ticket(5), first.parts)) == [133])
    }

    @Test(arguments: [["FI"], ["FS"], []])
    func `what adds nothing to an accepted set is a repeat, though it is not whole`(came: [String]) throws {
        let first = try Fixtures.whole(digests: ["FI.\(stem).1": 7])
        let again = try Fixtures.set(
            "GO.\(stem)", came.map { "\($0).\(stem).1" }, digests: ["FI.\(stem).1": 7])
        #expect(try codes(again, accepted: (Fixtures.ticket(5), first.parts)) == [])
    }

    @Test func `other content that is not whole is told 133 and what it lacks`() throws {
        let first = try Fixtures.whole(digests: ["FI.\(stem).1": 7])
        let other = try Fixtures.set("GO.\(stem)", ["FI.\(stem).1"], digests: ["FI.\(stem).1": 8])
        #expect(try codes(other, accepted: (Fixtures.ticket(5), first.parts)) == [122, 133])
    }
}
