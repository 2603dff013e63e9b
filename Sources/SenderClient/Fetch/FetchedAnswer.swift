public import Exchange
public import Validation

/// One answer, and what a fetch did with it.
public struct FetchedAnswer: Sendable, Hashable {
    /// What became of the answer.
    public enum Outcome: Sendable, Hashable {
        /// It is durable here now, and its signature holds; one for each of its documents.
        case fetched([ReceiptSignature])
        /// It was there before, unchanged.
        case alreadyThere
        /// Its signature does not hold: nothing was kept, nothing removed.
        case notBelieved(String)
        /// It is not here: why, and whether another time may go better.
        case failed(String, mayMend: Bool)
    }

    /// The name of its document, such as `FO.NOTI.999999.20230420.00001.R`; of several in their order.
    public let documents: [String]
    /// Where it lies at the server.
    public let mailbox: Mailbox
    public let outcome: Outcome
    /// What it says; nil when it is not here, has several parts, or is not of a kind that is read.
    public let content: AnswerContent?
    /// Why it could not be removed at the server, or confirmed, when that was wanted.
    public let remark: String?

    /// The exit status of a command that fetched this answer alone (design section 7).
    public var status: Int32 {
        switch outcome {
        case .fetched:
            if case .receipts(let receipts) = content, !receipts.allSatisfy(\.isAccepted) {
                4
            } else {
                remark == nil ? 0 : 75
            }
        case .alreadyThere: remark == nil ? 0 : 75
        case .notBelieved: 1
        case .failed(_, let mayMend): mayMend ? 75 : 1
        }
    }

    /// The exit status for many: refused before failed before to be tried again.
    public static func status(of answers: [FetchedAnswer]) -> Int32 {
        let statuses = Set(answers.map(\.status))
        return [4, 1, 75].first(where: statuses.contains) ?? 0
    }
}
