import Exchange
import Foundation
import Testing
import Validation

@Suite struct LargeDocumentTests {
    /// Bytes of this process in memory.
    private static func resident() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    // A process of its own: other tests run beside this one and would be measured with it.
    @Test func `100 MB are checked with flat memory`() async {
        await #expect(processExitsWith: .success) {
            let bench = try DocumentBench()
            let form = Data(String(repeating: DimonaSample.form(), count: 100).utf8)
            let pieces = 100_000_000 / form.count + 1
            let path = try bench.scratch.write(to: "large") { file in
                try file.write(
                    contentsOf: Data("<Dimona \(DimonaSample.instance) \(DimonaSample.location)>".utf8))
                for _ in 0..<pieces { try file.write(contentsOf: form) }
                try file.write(contentsOf: Data("</Dimona>".utf8))
            }
            _ = try bench.check(DimonaSample.document())
            let before = try LargeDocumentTests.resident()
            let evidence = try bench.check(fileAt: path)
            let growth = try LargeDocumentTests.resident() - before
            #expect(evidence.forms == ["DIMONA": pieces * 100])
            #expect(evidence.size > 100_000_000)
            precondition(growth < 32 << 20, "grew by \(growth) bytes")
        }
    }

    @Test func `a document of many findings stays flat too`() async {
        await #expect(processExitsWith: .success) {
            let bench = try DocumentBench()
            let path = try bench.scratch.write(to: "many") { file in
                try file.write(
                    contentsOf: Data("<Dimona \(DimonaSample.instance) \(DimonaSample.location)>".utf8))
                let forms = Data(String(repeating: "<Form/>", count: 10_000).utf8)
                for _ in 0..<500 { try file.write(contentsOf: forms) }
                try file.write(contentsOf: Data("</Dimona>".utf8))
            }
            _ = try bench.check(DimonaSample.document())
            let before = try LargeDocumentTests.resident()
            let count = try bench.findings(fileAt: path).count
            let growth = try LargeDocumentTests.resident() - before
            precondition(count == 100 && growth < 32 << 20, "\(count) findings, grew by \(growth) bytes")
        }
    }

    @Test func `eight threads share one catalogue`() async throws {
        let bench = try DocumentBench()
        let good = try bench.scratch.write(DimonaSample.document(), to: "good")
        let bad = try bench.scratch.write(
            DimonaSample.document(DimonaSample.form(date: "2023-02-30")), to: "bad")
        let dmfa = try bench.scratch.write(DocumentExamples.dmfa, to: "dmfa")
        let bomb = try bench.scratch.write(
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", to: "bomb")
        let name = try #require(FileName("FI"))
        let check = DocumentCheck(catalogue: bench.catalogue, limits: DocumentLimits())
        let expected: [(String, PurposeRule, [Int])] = [
            (good, .dimona, []), (bad, .dimona, [312]), (dmfa, .dmfa, []), (bomb, .dimona, [102]),
        ]
        let wrong = await withTaskGroup(of: Int.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    await withCheckedContinuation { done in
                        Thread {
                            var wrong = 0
                            for round in 0..<200 {
                                let (path, rule, codes) = expected[(thread + round) % expected.count]
                                if LargeDocumentTests.codes(check, path, name, rule) != codes { wrong += 1 }
                            }
                            done.resume(returning: wrong)
                        }.start()
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    private static func codes(_ check: DocumentCheck, _ path: String, _ name: FileName, _ rule: PurposeRule)
        -> [Int]
    {
        do throws(StageFailure) {
            _ = try check.check(SentFile(name, at: path), rule: rule)
            return []
        } catch {
            guard case .refused(let findings) = error else { return [-1] }
            return findings.map(\.code.rawValue)
        }
    }
}
