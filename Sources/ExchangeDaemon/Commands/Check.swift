internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Pipeline

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Runs the receiver's checks on files, without effect; exits with 4 when the receiver would refuse.",
        discussion: """
            Give the FI files of one or several sets under their real names. With --sender the registry of the instance is \
            asked for that sender's rights and certificates, and the FS files beside the FI files must be there, where the \
            environment wants them, and are verified. Without --sender neither rights nor signatures are checked.

            Not known beforehand: whether the name was used before (133), which directory the files will be put in (118, \
            119, 257), and whether the GO will come (130).

            Exits with 0 when all sets are in order, 4 when one would be refused, 75 when it cannot be told now, as when the \
            revocation status of a certificate is not known, 1 when a file cannot be read.
            """)

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions
    @Option(help: "Check as this sender.") var sender: SenderNumber?
    @Option(help: "The channel to check for.") var channel = ChannelKind.sftp
    @Option(help: "Language of the sentences: fr, nl, de or en.") var language = Language.en
    @Argument(help: "FI files.") var files: [String]

    func run() throws {
        let instance = try instance.open()
        let run = DryRun(
            ground: try instance.ground(), registry: sender == nil ? nil : try instance.registry(),
            time: Date())
        guard !sets.isEmpty else {
            throw CommandFailure(
                .usage, "give the FI files; the FS files beside them are found by their names")
        }
        var isRefused = false
        var deferral: Deferral?
        for set in sets {
            do {
                let record = try run.check(set, of: sender, on: channel)
                isRefused = isRefused || record.verdict == .refused
                let explanation = Explanation(record, in: language)
                try output.print(CheckResult(explanation)) { text(explanation) }
            } catch let later as Deferral {
                deferral = later
                let reason = "(\(later.reason.rawValue): \(later.sentence))"
                Output.warn("\(set.first ?? ""): not decided yet \(reason)")
            }
        }
        if isRefused { throw StatusExit(status: .refused) }
        if deferral != nil { throw StatusExit(status: .tryAgain) }
    }

    /// The files, those of one set together, in the order given.
    private var sets: [[String]] {
        var sets: [(name: SetName?, files: [String])] = []
        for file in files where !isCompanion(file) {
            let name = FileName(URL(fileURLWithPath: file).lastPathComponent).flatMap {
                try? PartName($0).set
            }
            if let name, let index = sets.firstIndex(where: { $0.name?.isSameSet(as: name) == true }) {
                sets[index].files.append(file)
            } else {
                sets.append((name, [file]))
            }
        }
        return sets.map(\.files)
    }

    /// An FS, GO or TD, which says nothing by itself.
    private func isCompanion(_ file: String) -> Bool {
        let name = FileName(URL(fileURLWithPath: file).lastPathComponent)
        guard let kind = name.flatMap({ try? PartName($0).kind }) else { return false }
        return kind != .declaration
    }

    private func text(_ explanation: Explanation) -> String {
        guard explanation.record.verdict == .refused else {
            return "\(explanation.record.fileName): in order"
        }
        return explanation.findings.map { finding in
            var place = finding.file ?? explanation.record.fileName.escaped
            if let line = finding.line, let column = finding.column { place += ":\(line):\(column)" }
            let path = finding.path.map { " (\($0))" } ?? ""
            return
                "\(place): \(finding.code) \(finding.sentence)\(path)\n  \(finding.detail)\n  \(finding.mend)"
        }.joined(separator: "\n")
    }
}

/// What `check --json` prints for one set.
private struct CheckResult: Encodable {
    let name: String
    let verdict: String
    let codes: [String]
    let findings: [Explanation.Sentence]

    init(_ explanation: Explanation) {
        name = explanation.record.fileName.escaped
        verdict = explanation.record.verdict.rawValue
        findings = explanation.findings
        var codes: [String] = []
        for finding in explanation.findings where !codes.contains(finding.code) { codes.append(finding.code) }
        self.codes = codes
    }
}
