internal import Exchange
internal import Foundation
internal import Validation

// What a worker says is a stranger's bytes: it counts only when it could be the answer to what was asked. That the bytes
// judged are those that were sealed is for the decision to see.
extension Worker {
    func evidence(
        _ order: VerifyOrder, _ payload: SentFile, _ signature: SentFile, on ground: ExaminationGround,
        registered: [CertificateFacts]
    ) throws -> VerifiedSignature {
        let word = try verify(order, payload, signature, by: ground.trust)
        guard case .verified(let evidence) = word else {
            throw try Worker.failure(word, of: signature.name, [.signature], atMost: 1)
        }
        guard evidence.isPossible(registered: registered, at: order.time, under: ground.trust) else {
            throw Failure(sentence: "its evidence of a signature cannot be")
        }
        return evidence
    }

    func evidence(_ order: CheckOrder, _ document: SentFile, on ground: ExaminationGround) throws
        -> CheckedDocument
    {
        let word = try check(order, document, by: ground.schemas)
        guard case .checked(let evidence) = word else {
            throw try Worker.failure(
                word, of: document.name, [.document, .schema], atMost: order.limits.findings)
        }
        guard evidence.isPossible(rule: order.rule, schemas: ground.schemas) else {
            throw Failure(sentence: "its evidence of a document cannot be")
        }
        return evidence
    }

    /// What can keep one from judging that is not its own failure.
    private static let reasons: Set<Deferral.Reason> = [
        .diskFault, .registryUnavailable, .revocationUnknown, .schemaUnavailable,
    ]

    static func failure(
        _ word: WorkerWord, of file: FileName, _ phases: [ReceptionCode.Phase], atMost limit: Int
    ) throws -> StageFailure {
        switch word {
        case .refused(let findings):
            guard (1...limit).contains(findings.count),
                findings.allSatisfy({ phases.contains($0.code.phase) && $0.file == file && $0.isShowable })
            else { throw Failure(sentence: "its findings cannot be") }
            return .refused(findings)
        case .deferred(let deferral):
            // What it cannot explain, such as memory it did not get, is its own failure.
            guard reasons.contains(deferral.reason), deferral.pause == nil, deferral.sentence.isShowable
            else {
                throw Failure(
                    sentence: "it could not judge: \(deferral.sentence.isShowable ? deferral.sentence : "…")")
            }
            return .deferred(deferral)
        default:
            throw Failure(sentence: "it said something else than was asked")
        }
    }
}

extension Finding {
    fileprivate var isShowable: Bool {
        detail.isShowable && place.map { $0.path.isShowable && $0.line > 0 && $0.column > 0 } ?? true
    }
}

extension String {
    /// Bytes of what a worker says for people.
    static let longestShowable = 32_768

    fileprivate var isShowable: Bool { isOneLine(atMost: String.longestShowable) }
}
