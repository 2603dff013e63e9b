internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Pipeline
internal import Spool

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Explains a decision: the checks in order, what each was asked of, the rule, and how to mend it.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions
    @Option(help: "Language of the sentences: fr, nl, de or en.") var language = Language.en
    @Argument(help: "The ticket.") var ticket: Ticket

    func run() throws {
        let row = try instance.open().set(ticket)
        guard let json = row.decisionJSON else {
            let reason = row.deferral.map { " (\($0.reason.rawValue): \($0.sentence))" } ?? ""
            throw CommandFailure(.tryAgain, "the set \(ticket) is not decided yet\(reason)")
        }
        let record = try DecisionRecord(json: json)
        try output.print(Explanation(record, in: language)) { Explanation(record, in: language).text }
    }
}

/// A decision in words, for `explain` and `check`.
struct Explanation: Encodable {
    let record: DecisionRecord
    let findings: [Sentence]

    /// A finding with its sentences in the asked language.
    struct Sentence: Encodable {
        let code: String
        let phase: String
        let file: String?
        let line: Int?
        let column: Int?
        let path: String?
        let sentence: String
        let mend: String
        let detail: String

        init(_ finding: Finding, in language: Language) {
            code = finding.code.errorID
            phase = finding.code.phase.rawValue
            file = finding.file?.escaped
            line = finding.place?.line
            column = finding.place?.column
            path = finding.place?.path
            sentence = finding.code.sentence(in: language)
            mend = finding.code.mend(in: language)
            detail = finding.detail
        }

        var lines: [String] {
            var place = file ?? ""
            if let line, let column { place += ":\(line):\(column)" }
            if let path { place += " \(path)" }
            return [
                "     \(code)  \(sentence)", "       where   \(place.isEmpty ? "-" : place)",
                "       detail  \(detail)",
                "       mend    \(mend)",
            ]
        }
    }

    private let language: Language

    init(_ record: DecisionRecord, in language: Language) {
        self.record = record
        self.language = language
        findings = record.findings.map { Sentence($0, in: language) }
    }

    private enum CodingKeys: String, CodingKey {
        case findings, record
    }

    var text: String {
        var lines = [
            "\(record.ticket)  \(record.fileName)  \(record.verdict.rawValue)",
            "received \(record.receivedAt.ISO8601Format()), decided \(record.decidedAt.ISO8601Format()), sender \(record.sender) over \(record.channel.rawValue)",
        ]
        if let repeats = record.repeats { lines.append("repeats \(repeats): its receipt was given again") }
        for (index, check) in record.checks.enumerated() {
            lines.append("")
            lines.append("  \(index + 1). \(check.phase): \(check.verdict.rawValue)")
            lines.append("     rule       \(check.rule)")
            let width = max(10, check.inputs.keys.map(\.count).max() ?? 0)
            lines += check.inputs.sorted { $0.key < $1.key }.map {
                "     \($0.key.padding(toLength: width, withPad: " ", startingAt: 0)) \($0.value)"
            }
            lines += check.findings.flatMap { Sentence($0, in: language).lines }
        }
        return lines.joined(separator: "\n")
    }
}
