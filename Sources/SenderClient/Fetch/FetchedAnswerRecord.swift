internal import Exchange
internal import Validation

/// An answer as `--json` prints it. Members may be added; readers ignore those they do not know.
public struct FetchedAnswerRecord: Encodable, Sendable {
    /// The first of `documents`.
    let document: String
    let documents: [String]
    let directory: String
    /// `fetched`, `alreadyThere`, `notBelieved` or `failed`.
    let outcome: String
    let status: Int32
    /// `pinned`, `underAuthority` or `integrityOnly`; left out where none was looked at.
    let signature: String?
    /// Left out also where the parts have different ones.
    let signer: String?
    let sets: [SetResult]?
    /// Forms of a notification by the digit of their result.
    let forms: [String: Int]?
    let reason: String?

    struct SetResult: Encodable, Sendable {
        let fileName: String
        let ticket: String?
        let verdict: String
        let codes: [String]
    }

    public init(_ answer: FetchedAnswer) {
        document = answer.documents[0]
        documents = answer.documents
        directory = answer.mailbox.rawValue
        status = answer.status
        var proofs: [ReceiptSignature] = []
        switch answer.outcome {
        case .fetched(let signatures): (outcome, proofs, reason) = ("fetched", signatures, answer.remark)
        case .alreadyThere: (outcome, reason) = ("alreadyThere", answer.remark)
        case .notBelieved(let sentence): (outcome, reason) = ("notBelieved", sentence)
        case .failed(let sentence, _): (outcome, reason) = ("failed", sentence)
        }
        signature = proofs.first?.standing.rawValue
        let signers = Set(proofs.map(\.signer.subject))
        signer = signers.count == 1 ? signers.first : nil
        switch answer.content {
        case .receipts(let receipts):
            sets = receipts.map {
                SetResult(
                    fileName: $0.fileName, ticket: $0.ticket, verdict: $0.isAccepted ? "accepted" : "refused",
                    codes: $0.codes.map(\.text))
            }
            forms = nil
        case .notification(let notification):
            sets = nil
            forms = notification.results
        case nil: (sets, forms) = (nil, nil)
        }
    }
}
