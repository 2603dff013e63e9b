internal import Exchange
internal import Foundation

/// A set as its sender is shown it: where it stands, and why. Sentences are in the language asked for; what is not
/// known yet is left out.
struct SetRepresentation: Encodable {
    /// The number the set is known by.
    let ticket: String
    /// The name of its GO.
    let name: String
    let state: SetReport.State
    /// `accepted` or `refused`, once decided.
    let verdict: String?
    /// The directory it would lie in over other channels: `IN`, `INTEST`, `INTEST-S`.
    let directory: Mailbox
    let channel: ChannelKind
    let receivedAt: Date
    let decidedAt: Date?
    let files: [File]
    let steps: [Step]
    let codes: [Code]
    /// The ticket of the first set, when this one repeats it; the receipt is that one's.
    let repeats: String?
    let receipt: Receipt?

    struct File: Encodable {
        let name: String
        /// Bytes.
        let size: Int64
        /// Hexadecimal.
        let sha256: String
    }

    /// One phase of the decision.
    struct Step: Encodable {
        /// From 1.
        let number: Int
        let phase: String
        /// What was asked, in English.
        let rule: String
        /// `passed`, `refused` or `skipped`.
        let verdict: String
        let findings: [Finding]
    }

    /// One thing that is wrong.
    struct Finding: Encodable {
        let code: String
        let file: String?
        /// The particulars, in English.
        let detail: String
        /// Where in the document; from 1.
        let line: Int?
        let column: Int?
        /// Element names from the root.
        let path: String?
    }

    /// A reception code of the receipt, in words.
    struct Code: Encodable {
        /// As in the receipt: `ACRF-131`.
        let code: String
        /// What is wrong.
        let sentence: String
        /// What to do about it.
        let mend: String
    }

    /// The signed answer.
    struct Receipt: Encodable {
        /// The stem of its files.
        let id: String
        /// Where it is shown, relative to the service.
        let location: String
    }

    init(_ report: SetReport, in language: Language) {
        let set = report.set
        ticket = set.ticket.description
        name = set.name.escaped
        state = report.state
        verdict =
            switch report.state {
            case .received, .held: nil
            case .accepted, .routed: "accepted"
            case .refused: "refused"
            }
        directory = set.mailbox
        channel = set.channel
        receivedAt = set.receivedAt
        decidedAt = report.decidedAt
        files = set.parts.map { File(name: $0.name.escaped, size: $0.size, sha256: $0.digest.description) }
        steps = report.steps.map(Step.init)
        codes = report.codes.map {
            Code(code: $0.errorID, sentence: $0.sentence(in: language), mend: $0.mend(in: language))
        }
        repeats = report.repeats?.description
        receipt = report.receipt.map { Receipt(id: $0, location: "/v1/answers/\($0)") }
    }
}

extension SetRepresentation.Step {
    init(_ step: SetReport.Step) {
        self.init(
            number: step.number, phase: step.phase, rule: step.rule, verdict: step.verdict,
            findings: step.findings.map(SetRepresentation.Finding.init))
    }
}

extension SetRepresentation.Finding {
    init(_ finding: Finding) {
        self.init(
            code: finding.code.errorID, file: finding.file?.escaped, detail: finding.detail,
            line: finding.place?.line, column: finding.place?.column, path: finding.place?.path)
    }
}
