public import struct Foundation.Date

/// The published answers of one sender, for channels that show them as a list. Implemented by the spool; safe to call
/// from any thread. The files are read through the sender's home.
public protocol AnswerShelf: Sendable {
    /// Answers that can be read, oldest first, those after `cursor` only.
    ///
    /// - Parameters:
    ///   - cursor: of the last answer seen; 0 begins.
    ///   - unconfirmedOnly: leaves out those that were confirmed.
    ///   - limit: 1 to 1000.
    func answers(
        of sender: SenderNumber, after cursor: Int64, unconfirmedOnly: Bool, limit: Int
    ) throws(HomeFault) -> [ShelvedAnswer]

    /// One answer by its stem; nil when that sender has none that can be read.
    func answer(_ stem: String, of sender: SenderNumber) throws(HomeFault) -> ShelvedAnswer?

    /// Notes that the sender has the answer; it stays readable until removed or past its retention. Harmless when
    /// repeated.
    func confirm(_ answer: ShelvedAnswer) throws(HomeFault)

    /// Removes the files of the answer, GO first.
    func remove(_ answer: ShelvedAnswer) throws(HomeFault)
}

public struct ShelvedAnswer: Sendable, Hashable {
    /// Grows with every answer published; unique.
    public let cursor: Int64
    public let sender: SenderNumber
    public let mailbox: Mailbox
    /// The name without prefix: `ACRF.999999.20260102.00001.R`.
    public let stem: String
    /// The set that is answered.
    public let ticket: Ticket
    public let publishedAt: Date
    public let isConfirmed: Bool

    public init(
        cursor: Int64, sender: SenderNumber, mailbox: Mailbox, stem: String, ticket: Ticket,
        publishedAt: Date,
        isConfirmed: Bool
    ) {
        self.cursor = cursor
        self.sender = sender
        self.mailbox = mailbox
        self.stem = stem
        self.ticket = ticket
        self.publishedAt = publishedAt
        self.isConfirmed = isConfirmed
    }
}
