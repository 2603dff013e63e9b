internal import Exchange
internal import Foundation
internal import Registry
internal import Validation

/// The decision on one set: the phases of design section 5 in their order, which is a security property – nothing
/// parses the XML of a stranger. All codes of one phase are collected; a phase with a refusal ends the decision.
struct Decision {
    let ground: DecisionGround
    let trust: TrustStore
    let examiner: any Examiner
    let inputs: any DecisionInputs
    let time: Date
    /// A dry run without a registry: unsigned files are no fault, as nothing could verify signatures.
    var isRehearsal = false

    /// The outcome with its record. A deferral is thrown: the set is then undecided still.
    func decide(_ set: SealedSet) throws(Deferral) -> DecisionRecord {
        var trail = DecisionTrail(set, ground: ground, time: time)
        do {
            let named = try trail.name { () throws(StageFailure) in
                try NameStage(policy: ground.policy, today: set.receivedAt.calendarDate).judge(set)
            }
            let accepted = try inputs.accepted(named: set.name, by: set.sender)
            let verdict = try trail.set { () throws(StageFailure) in
                try SetStage(policy: ground.policy, accepted: accepted, isUnsigned: isRehearsal).judge(
                    named, of: set)
            }
            guard case .complete(let complete) = verdict else { return trail.close() }
            let standing = try inputs.standing(of: set.sender, at: time)
            let authorisation = try trail.right(standing) { () throws(StageFailure) in
                try RightStage(catalogue: ground.catalogue)
                    .judge(complete.name.purpose, of: set.sender, on: set.channel, standing: standing)
            }
            let signatures = try trail.signature(complete, under: authorisation) { () throws(StageFailure) in
                try onSealedBytes(of: set) { () throws(StageFailure) in
                    try verify(complete, of: set, under: authorisation)
                }
            }
            let documents = try trail.document(complete) { () throws(StageFailure) in
                try onSealedBytes(of: set) { () throws(StageFailure) in
                    try check(complete, of: set, as: authorisation.rule)
                }
            }
            try DecisionTrail.requireSameBytes(complete, signatures, documents, under: authorisation)
            return trail.close()
        } catch {
            switch error {
            case .refused: return trail.close()
            case .deferred(let deferral): throw deferral
            }
        }
    }

    /// Bytes that changed in our hands are no fault of the sender: before a refusal they are compared with what was
    /// sealed. Evidence carries digests, which `DecisionTrail.requireSameBytes` compares.
    private func onSealedBytes<Evidence>(
        of set: SealedSet, _ judge: () throws(StageFailure) -> Evidence
    ) throws(StageFailure) -> Evidence {
        do {
            return try judge()
        } catch {
            guard case .refused = error else { throw error }
            for part in set.parts {
                try Decision.requireSealed(part, at: inputs.path(of: part, in: set.ticket))
            }
            throw error
        }
    }

    private static func requireSealed(_ part: SealedSet.Part, at path: String) throws(StageFailure) {
        let found: SealedSet.Part
        do {
            found = try SealedSet.Part(part.name, readFrom: path)
        } catch {
            let sentence = "The file \(part.name) is unreadable: \(error.localizedDescription)"
            throw .deferred(Deferral(.diskFault, sentence))
        }
        guard found == part else { throw .deferred(.bytesChanged) }
    }

    private func verify(
        _ complete: CompleteSet, of set: SealedSet, under authorisation: Authorisation
    ) throws(StageFailure) -> [VerifiedSignature] {
        try DecisionTrail.collect(complete.pairs) { pair throws(StageFailure) in
            guard let signature = pair.signature, let registered = authorisation.certificates else {
                return nil
            }
            return try examiner.verify(
                file(pair.declaration, of: set), with: file(signature, of: set), registered: registered,
                at: time, on: ground.examination(under: trust))
        }
    }

    private func check(
        _ complete: CompleteSet, of set: SealedSet, as rule: PurposeRule
    ) throws(StageFailure) -> [CheckedDocument] {
        try DecisionTrail.collect(complete.pairs) { pair throws(StageFailure) in
            try examiner.check(
                file(pair.declaration, of: set), as: rule, on: ground.examination(under: trust))
        }
    }

    private func file(_ part: SealedSet.Part, of set: SealedSet) throws(StageFailure) -> SentFile {
        try SentFile(part.name, at: inputs.path(of: part, in: set.ticket))
    }
}

/// What a decision reads besides its set; the registry and the spool in the daemon, files in a dry run.
protocol DecisionInputs: Sendable {
    func accepted(
        named: FileName, by: SenderNumber
    ) throws(StageFailure) -> (ticket: Ticket, parts: [SealedSet.Part])?
    func standing(of sender: SenderNumber, at time: Date) throws(StageFailure) -> Standing
    func path(of part: SealedSet.Part, in ticket: Ticket) -> String
}

/// What the registry says of a sender.
enum Standing {
    case asked(SenderStanding?)
    /// A dry run without a registry.
    case notAsked
}
