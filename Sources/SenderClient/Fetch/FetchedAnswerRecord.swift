internal import Exchange
internal import Validation

/// An answer as `--json` prints it. Members may be added; readers ignore those they do not know.
public struct FetchedAnswerRecord: Encodable, Sendable {
    let document: String
    let directory: String
    /// `fetched`, `alreadyThere`, `notBelieved` or `failed`.
    let outcome: String
    let status: Int32
    /// `pinned`, `underAuthority` or `integrityOnly`; left out where none was looked at.
    let signature: String?
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
        document = answer.document
        directory = answer.mailbox.rawValue
        status = answer.status
        var proof: ReceiptSignature?
        switch answer.outcome {
        case .fetched(let signature): (outcome, proof, reason) = ("fetched", signature, answer.remark)
        case .alreadyThere: (outcome, reason) = ("alreadyThere", answer.remark)
        case .notBelieved(let sentence): (outcome, reason) = ("notBelieved", sentence)
        case .failed(let sentence, _): (outcome, reason) = ("failed", sentence)
        }
        signature = proof?.standing.rawValue
        signer = proof?.signer.subject
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
