internal import Exchange
internal import Foundation

/// A published answer as its sender is shown it.
struct AnswerRepresentation: Encodable {
    /// The stem of its files.
    let id: String
    /// The ticket of the set that is answered.
    let ticket: String
    /// The directory it lies in over other channels: `OUT`, `OUTTEST`, `OUTTEST-S`.
    let directory: Mailbox
    let publishedAt: Date
    let isConfirmed: Bool
    /// Relative to the service; not in lists.
    let files: [File]?

    struct File: Encodable {
        /// `FO` or `FS`.
        let kind: String
        let name: String
        /// Bytes.
        let size: UInt64
        let location: String
    }

    init(_ answer: ShelvedAnswer, files: [File]?) {
        id = answer.stem
        ticket = answer.ticket.description
        directory = answer.mailbox
        publishedAt = answer.publishedAt
        isConfirmed = answer.isConfirmed
        self.files = files
    }
}

/// Some answers, oldest first.
struct AnswerPage: Encodable {
    let answers: [AnswerRepresentation]
    /// Where to go on: behind these answers and those among them that are not shown.
    let cursor: String

    init(_ page: AnswerPages.Page) {
        answers = page.answers.map { AnswerRepresentation($0, files: nil) }
        cursor = AnswerQuery.text(of: page.cursor)
    }
}
