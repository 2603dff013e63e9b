internal import Exchange
internal import Foundation
internal import Registry
internal import Validation

/// Writes down each phase of a decision as it is judged: what was asked, of what, and what came out.
struct DecisionTrail {
    private var record: DecisionRecord

    init(_ set: SealedSet, ground: DecisionGround, time: Date) {
        record = DecisionRecord(
            ticket: set.ticket, fileName: set.name, sender: set.sender, channel: set.channel,
            mailbox: set.mailbox,
            receivedAt: set.receivedAt, decidedAt: time, verdict: .accepted, checks: [], signatures: [],
            documents: [], policy: ground.policy)
        files = set.parts.map(\.name.escaped).joined(separator: " ")
        sizes = set.parts.map { "\($0.name)=\($0.size) bytes, SHA-256 \($0.digest)" }.joined(separator: "; ")
    }

    private let files: String
    private let sizes: String

    mutating func name(_ judge: () throws(StageFailure) -> NamedSet) throws(StageFailure) -> NamedSet {
        let inputs = ["set": record.fileName.escaped, "files": files, "directory": record.mailbox.rawValue]
        let named = try note(
            "name", "Names follow the convention, the date is plausible, directory and sender fit", inputs,
            judge)
        record.purpose = named.name.purpose
        record.environment = named.name.environment
        return named
    }

    mutating func set(_ judge: () throws(StageFailure) -> SetVerdict) throws(StageFailure) -> SetVerdict {
        let verdict = try note(
            "set", "The set is complete, numbered without gaps, within the sizes, and its name is free",
            ["parts": sizes], judge)
        if case .repeated(let ticket) = verdict {
            record.verdict = .repeated
            record.repeats = ticket
        }
        return verdict
    }

    mutating func right(
        _ answer: Standing, _ judge: () throws(StageFailure) -> Authorisation
    ) throws(StageFailure) -> Authorisation {
        let standing: SenderStanding? = if case .asked(let standing) = answer { standing } else { nil }
        let channels =
            standing?.channels.map { "\($0.kind.rawValue): \($0.applications.joined(separator: ", "))" } ?? []
        let inputs = [
            "sender": record.sender.description, "channel": record.channel.rawValue,
            "purpose": record.purpose?.description ?? "",
            "state": standing.map { $0.isActive ? "active" : "blocked" } ?? "unknown",
            "authorised": channels.joined(separator: "; "),
        ]
        let authorisation = try note(
            "right", "The sender may send this application on this channel", inputs, judge)
        record.application = authorisation.application.code
        record.enterprise = authorisation.enterprise
        return authorisation
    }

    mutating func signature(
        _ complete: CompleteSet, under authorisation: Authorisation,
        _ judge: () throws(StageFailure) -> [VerifiedSignature]
    ) throws(StageFailure) -> [VerifiedSignature] {
        let rule =
            "Each FI is signed by one registered certificate of the sender on this channel, in date, from an accepted authority"
        let inputs = [
            "environment": record.environment?.rawValue ?? "",
            "registered": (authorisation.certificates ?? []).map(\.fingerprint.description).joined(
                separator: " "),
        ]
        guard authorisation.certificates != nil, complete.pairs.contains(where: { $0.signature != nil })
        else {
            skip("signature", rule, inputs)
            return []
        }
        record.signatures = try note("signature", rule, inputs, judge)
        return record.signatures
    }

    mutating func document(
        _ complete: CompleteSet, _ judge: () throws(StageFailure) -> [CheckedDocument]
    ) throws(StageFailure) -> [CheckedDocument] {
        let rule = "Each FI is well-formed XML of a known schema, of the form its name says, and valid"
        record.documents = try note("document", rule, ["purpose": record.purpose?.description ?? ""], judge)
        return record.documents
    }

    /// The finished record: phases not reached are noted as skipped.
    mutating func close() -> DecisionRecord {
        for phase in ["name", "set", "right", "signature", "document"].dropFirst(record.checks.count) {
            skip(
                phase,
                record.verdict == .repeated ? "The set repeats an accepted one" : "An earlier phase refused",
                [:])
        }
        return record
    }

    private mutating func skip(_ phase: String, _ rule: String, _ inputs: [String: String]) {
        record.checks.append(.init(phase: phase, rule: rule, inputs: inputs, verdict: .skipped, findings: []))
    }

    private mutating func note<Evidence>(
        _ phase: String, _ rule: String, _ inputs: [String: String],
        _ judge: () throws(StageFailure) -> Evidence
    ) throws(StageFailure) -> Evidence {
        do {
            let evidence = try judge()
            record.checks.append(
                .init(phase: phase, rule: rule, inputs: inputs, verdict: .passed, findings: []))
            return evidence
        } catch {
            if case .refused(let findings) = error {
                record.checks.append(
                    .init(phase: phase, rule: rule, inputs: inputs, verdict: .refused, findings: findings))
                record.verdict = .refused
                record.fileName = DecisionTrail.fileNamed(in: findings, of: record.fileName)
            }
            throw error
        }
    }

    /// The receipt names the GO, unless it is the name of an FI or FS alone that is at fault (domain 9.26).
    private static func fileNamed(in findings: [Finding], of name: FileName) -> FileName {
        let ofNames = findings.filter { $0.code.phase == .name && $0.file != nil }
        guard !ofNames.isEmpty, !ofNames.contains(where: { $0.file == name }) else { return name }
        return ofNames[0].file ?? name
    }

    /// Judges every pair and gathers the findings of all before refusing.
    static func collect<Evidence>(
        _ pairs: [CompleteSet.Pair], _ judge: (CompleteSet.Pair) throws(StageFailure) -> Evidence?
    ) throws(StageFailure) -> [Evidence] {
        var evidence: [Evidence] = []
        var findings: [Finding] = []
        for pair in pairs {
            do {
                if let one = try judge(pair) { evidence.append(one) }
            } catch {
                guard case .refused(let more) = error else { throw error }
                findings += more
            }
        }
        guard findings.isEmpty else { throw .refused(findings) }
        return evidence
    }

    /// Every stage must have judged the very bytes that were sealed.
    static func requireSameBytes(
        _ complete: CompleteSet, _ signatures: [VerifiedSignature], _ documents: [CheckedDocument],
        under authorisation: Authorisation
    ) throws(StageFailure) {
        let sealed = complete.pairs.map(\.declaration.digest)
        let signed = authorisation.certificates == nil ? [] : complete.pairs.filter { $0.signature != nil }
        guard documents.map(\.digest) == sealed,
            documents.map(\.size) == complete.pairs.map(\.declaration.size),
            signatures.map(\.payloadDigest) == signed.map(\.declaration.digest),
            signatures.map(\.signatureDigest) == signed.compactMap(\.signature?.digest)
        else {
            throw .deferred(.bytesChanged)
        }
    }
}

extension Deferral {
    static let bytesChanged = Deferral(.bytesChanged, "The held bytes are not those that were sealed.")
}
