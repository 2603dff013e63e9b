import Exchange
import Synchronization
import TestExaminers
import Testing

/// The corpus, played through the real spool, registry and pipeline.
struct CorpusTests {
    /// All cases at once would make each of them slow, and some of them are about time.
    private static let gate = Gate(width: 12)

    /// Codes that no case can meet, each with the reason.
    private static let unreachable: [ReceptionCode: String] = [:]

    @Test(.timeLimit(.minutes(2)), arguments: (try? CorpusCase.all.get()) ?? [])
    func `a sender gets the receipt its set deserves`(_ play: CorpusCase) async throws {
        try await CorpusTests.gate.pass {
            guard let known = play.known else { return try await CorpusRun(play).run() }
            await withKnownIssue(Comment(rawValue: known)) { try await CorpusRun(play).run() }
        }
    }

    @Test func `signatures of the corpus are judged by OpenSSL, too`() async throws {
        let before = TwinExaminer.askedOpenSSL.load(ordering: .relaxed)
        let play = try #require(
            try CorpusCase.all.get().first {
                $0.expect.codes.isEmpty && $0.known == nil && $0.steps.count < 6
            })
        try await CorpusRun(play).run()
        #expect(TwinExaminer.askedOpenSSL.load(ordering: .relaxed) > before)
    }

    @Test func `the corpus can be read`() throws {
        #expect(try CorpusCase.all.get().count > 100)
    }

    @Test func `every reception code has a case`() throws {
        let met = try CorpusCase.all.get().reduce(into: Set<Int>()) { codes, play in
            codes.formUnion(play.expect.codes)
            for step in play.steps { codes.formUnion(step.receive?.codes ?? []) }
        }
        for code in ReceptionCode.allCases where CorpusTests.unreachable[code] == nil {
            #expect(met.contains(code.rawValue), "no case meets \(code.errorID), \(code)")
        }
        for code in CorpusTests.unreachable.keys {
            #expect(!met.contains(code.rawValue), "\(code.errorID) has a case and need not be excused")
        }
    }

    @Test func `every kind of signer and every form of signature has a case`() throws {
        let steps = try CorpusCase.all.get().flatMap(\.steps)
        let signers = Set(steps.compactMap(\.by)).union([.acme])
        let forms = Set(steps.compactMap(\.form)).union([.usual])
        #expect(signers == Set(SignerKind.allCases))
        #expect(forms == Set(SignatureForm.allCases))
    }

    @Test func `the documents of the corpus that are to be valid are`() throws {
        let rules = try Repository.catalogue()
        let documents = [
            ("dmfa.xml", "DMFA"), ("dmfa-two.xml", "DMFA"), ("dmfa-other.xml", "DMFA"),
            ("dimona.xml", "DIMN"),
            ("dimona-two.xml", "DIMN"), ("dimona-three.xml", "DIMN"), ("wech.xml", "WECH"),
        ]
        for (document, purpose) in documents {
            let purpose = try #require(Purpose(purpose))
            let rule = try #require(rules.rule(for: purpose))
            try Repository.requireValid(document, rule)
        }
    }
}
