internal import Exchange
internal import Foundation
internal import GRDB

/// The published answers, by the place they got when they were published. One whose row makes no sense is left out of
/// those of others.
struct ShelfReading {
    // The planner would sort; it does not know how few are wanted.

    static let allSQL = select("INDEXED BY answerOnShelf", "state IN ('published', 'taken')")

    static let unconfirmedSQL = select("INDEXED BY answerUnread", "state = 'published'")

    static let ofSenderSQL = waiting(
        "answer.*", "INDEXED BY answerUnread", "sender = ? AND channel = ?", "shelf")

    /// Without the long columns, for there may be thousands, and so without a look at their seals.
    static let ofChannelSQL = waiting(
        "id, setSeq, answer.sender, answer.mailbox, stem", "INDEXED BY answerWaiting", "channel = ?",
        "publishedAt, id")

    private static func select(_ index: String, _ state: String) -> String {
        """
        SELECT answer.*, (SELECT ticket FROM fileSet WHERE seq = setSeq) AS ticket FROM answer \(index)
        WHERE \(state) AND sender = ? AND shelf > ? ORDER BY shelf
        """
    }

    private static func waiting(_ columns: String, _ index: String, _ which: String, _ order: String)
        -> String
    {
        """
        SELECT \(columns), (SELECT ticket FROM fileSet WHERE seq = setSeq) AS ticket FROM answer \(index)
        WHERE state = 'published' AND \(which) ORDER BY \(order)
        """
    }

    let db: Database

    func answers(
        of sender: SenderNumber, after cursor: Int64, unconfirmedOnly: Bool, limit: Int
    ) throws -> Readable<ShelvedAnswer> {
        let statement = try db.cachedStatement(
            sql: unconfirmedOnly ? ShelfReading.unconfirmedSQL : ShelfReading.allSQL)
        let rows = try Row.fetchCursor(statement, arguments: [sender.description, cursor])
        var answers = Readable<ShelvedAnswer>()
        while answers.values.count < limit, let row = try rows.next() {
            try answers.append { try shelved(row) }
        }
        return answers
    }

    func answer(_ stem: String, of sender: SenderNumber) throws -> ShelvedAnswer? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT *, (SELECT ticket FROM fileSet WHERE seq = setSeq) AS ticket FROM answer
                WHERE sender = ? AND stem = ? AND state IN ('published', 'taken')
                """)
        return try Row.fetchOne(statement, arguments: [sender.description, stem]).map { try shelved($0) }
    }

    /// Answers not taken yet, the longest published first; those of one sender are as they were issued.
    func waiting(for channel: ChannelKind, of sender: SenderNumber?, limit: Int) throws
        -> Readable<WaitingAnswer>
    {
        let sql = sender == nil ? ShelfReading.ofChannelSQL : ShelfReading.ofSenderSQL
        let arguments = [sender?.description, channel.rawValue].compactMap { $0 }
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        var answers = Readable<WaitingAnswer>()
        while answers.values.count < limit, let row = try rows.next() {
            try answers.append { try waiting(row, isSealed: sender != nil) }
        }
        return answers
    }

    private func waiting(_ row: Row, isSealed: Bool) throws -> WaitingAnswer {
        let id: Int64 = try row.decode(forColumn: "id")
        if isSealed { try RowSeal.answer.require(in: row, id) }
        let stem: String = try row.decode(forColumn: "stem")
        return WaitingAnswer(
            sender: try Ledger.decoded(
                SenderNumber(row.decode(String.self, forColumn: "sender")), "sender", id),
            mailbox: try Ledger.decoded(Mailbox(rawValue: row.decode(forColumn: "mailbox")), "mailbox", id),
            files: AnswerStem.prefixes.compactMap { FileName("\($0).\(stem)") },
            ticket: try Ledger.decoded(Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", id))
    }

    private func shelved(_ row: Row) throws -> ShelvedAnswer {
        let id: Int64 = try row.decode(forColumn: "id")
        try RowSeal.answer.require(in: row, id)
        return ShelvedAnswer(
            cursor: try row.decode(forColumn: "shelf"),
            sender: try Ledger.decoded(
                SenderNumber(row.decode(String.self, forColumn: "sender")), "sender", id),
            mailbox: try Ledger.decoded(Mailbox(rawValue: row.decode(forColumn: "mailbox")), "mailbox", id),
            stem: try row.decode(forColumn: "stem"),
            ticket: try Ledger.decoded(Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", id),
            publishedAt: Date(timeIntervalSince1970: try row.decode(forColumn: "publishedAt")),
            isConfirmed: try row.decode(forColumn: "state") == AnswerState.taken.rawValue)
    }
}
