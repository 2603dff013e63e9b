import Foundation
import Testing

/// The receiver's checks on the sender's own machine.
@Suite(.unserved) struct CheckCommandTests {
    private let place = try? Scratch()

    /// Writes the files of a set to disk and returns the paths of the FI files.
    private func write(_ set: FileSet, signed: Bool = false) throws -> [String] {
        let place = try #require(place)
        if signed { for file in set.signatures { _ = try place.write(file.bytes, to: file.name) } }
        return try set.declarations.map { try place.write($0.bytes, to: $0.name) }
    }

    private func check(_ files: [String], _ options: String...) throws -> Program {
        try Program.run(
            Built.ecluse(),
            ["check"] + files + options + ["--config", SharedInstance.running().configuration])
    }

    @Test func `a good set is in order, alone and for its sender`() throws {
        let sender = try SharedInstance.running().enrol()
        let files = try write(sender.set(), signed: true)
        let alone = try check(files)
        #expect(alone.status == 0, "\(alone.errors)")
        #expect(alone.output.contains("in order"))
        let asked = try check(files, "--sender", sender.number, "--json")
        #expect(asked.status == 0, "\(asked.output)")
        #expect(try asked.object()["verdict"] as? String == "accepted")
    }

    @Test func `a document off its schema is refused with line, column and path`() throws {
        let sender = try SharedInstance.running().enrol()
        let set = try sender.set([Declaration.dimona(inss: "85073003328", workerType: "???")])
        let run = try check(write(set), "--json")
        #expect(run.status == 4)
        let result = try run.object()
        #expect(result["verdict"] as? String == "refused")
        #expect(result["codes"] as? [String] == ["ACRF-312"])
        let finding = try #require((result["findings"] as? [[String: Any]])?.first)
        #expect(finding["line"] as? Int == 12)
        #expect(finding["column"] as? Int != nil)
        #expect(finding["path"] as? String == "/Dimona/Form/DimonaIn/DimonaFeatures/WorkerType")
        #expect(finding["file"] as? String == set.declarations[0].name)
        let words = try check(write(set)).output
        #expect(words.contains("\(set.declarations[0].name):12:"))
    }

    @Test func `the sentences come in four languages`() throws {
        let sender = try SharedInstance.running().enrol()
        let files = try write(sender.set([String(Declaration.dimona.dropLast(20))]))
        var sentences: Set<String> = []
        for (language, words) in [("fr", "XML"), ("nl", "XML"), ("de", "XML"), ("en", "not well-formed")] {
            let run = try check(files, "--json", "--language", language)
            #expect(run.status == 4)
            let finding = try #require((try run.object()["findings"] as? [[String: Any]])?.first)
            #expect(finding["code"] as? String == "ACRF-102")
            let sentence = try #require(finding["sentence"] as? String)
            #expect(sentence.contains(words), "\(sentence)")
            #expect(finding["mend"] as? String != "")
            sentences.insert(sentence)
        }
        #expect(sentences.count == 4)
    }

    @Test func `what only the registry knows is asked with the sender`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol(["dimona"])
        let other = try instance.enrol(["dimona"])
        let dmfa = try write(sender.set([Declaration.dmfa], purpose: "DMFA"), signed: true)
        #expect(try check(dmfa).status == 0)
        let asked = try check(dmfa, "--sender", sender.number, "--json")
        #expect(asked.status == 4)
        #expect(try asked.object()["codes"] as? [String] == ["ACRF-168"])
        let foreign = try write(sender.set(signedBy: other.signatory), signed: true)
        #expect(
            try check(foreign, "--sender", sender.number, "--json").object()["codes"] as? [String] == [
                "ACRF-153"
            ])
        #expect(
            try check(foreign, "--sender", other.number, "--json").object()["codes"] as? [String] == [
                "ACRF-108"
            ])
    }

    @Test func `a set without its signatures is refused for its sender, where it needs them`() throws {
        let sender = try SharedInstance.running().enrol()
        for (environment, codes) in [("R", ["ACRF-122"]), ("T", ["ACRF-122"]), ("S", [])] {
            let files = try write(sender.set(environment: environment))
            #expect(try check(files).status == 0)
            let asked = try check(files, "--sender", sender.number, "--json")
            #expect(asked.status == (codes.isEmpty ? 0 : 4), "\(asked.output)")
            #expect(try asked.object()["codes"] as? [String] == codes)
        }
    }

    @Test func `what cannot be told now is told in words, and to be tried again`() throws {
        let instance = try Instance()
        let sender = try instance.enrol()
        // Nobody fetches it: no daemon runs.
        try instance.learn(instance.authority, "--crl-url", "http://127.0.0.1:1/list.crl")
        let files = try write(sender.set(), signed: true)
        let run = try instance.run("check", files[0], "--sender", sender.number)
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains("not decided yet (revocation-unknown: "), "\(run.errors)")
        #expect(!run.errors.contains("Deferral("), "\(run.errors)")
    }

    @Test func `several sets are checked apart, the parts of one together`() throws {
        let sender = try SharedInstance.running().enrol()
        let pair = try sender.set([Declaration.dimona, Declaration.dimona])
        let bad = try sender.set(["no XML"])
        let run = try check(write(pair) + write(bad), "--json")
        #expect(run.status == 4)
        #expect(try run.objects().map { $0["verdict"] as? String } == ["accepted", "refused"])
    }

    @Test func `a file that cannot be read is a failure, not a refusal`() throws {
        let run = try check(["/nowhere/FI.DIMN.006400.20230420.00001.R.1.1"])
        #expect(run.status == 1)
        #expect(run.errors.contains("/nowhere/FI.DIMN"))
    }
}
