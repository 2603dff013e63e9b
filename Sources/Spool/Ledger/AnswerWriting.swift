internal import Exchange
internal import Foundation
internal import GRDB

/// The changes an answer's row goes through.
struct AnswerWriting {
    let db: Database
    let now: Date

    /// Gives the answer its name and writes it.
    func issue(
        _ receipt: RecordedDecision.Receipt, to set: SealedSet, at seq: Int64
    ) throws -> IssuedAnswer {
        let environment = receipt.mailbox.environment
        let day = AnswerStem.day(of: now)
        let number = try nextNumber(day, environment)
        guard
            let stem = AnswerStem.text(
                purpose: receipt.purpose, day: day, number: number, environment: environment)
        else { throw SpoolFault(.exhausted, "Every answer number of \(day) is used.") }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO answer
                (setSeq, kind, sender, mailbox, channel, stem, document, signature, seal, state, issuedAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'issued', ?)
                """)
        let answer: [(any DatabaseValueConvertible)?] = [
            seq, "receipt", set.sender.description, receipt.mailbox.rawValue, receipt.channel.rawValue, stem,
            Data(receipt.document), Data(receipt.signature),
        ]
        try statement.execute(
            arguments: StatementArguments(
                answer + [RowSeal.answer.value(of: answer), now.timeIntervalSince1970]))
        return IssuedAnswer(db.lastInsertedRowID, receipt, named: stem, to: set)
    }

    private func nextNumber(_ day: String, _ environment: ExchangeEnvironment) throws -> Int64 {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO answerCounter (day, environment, last) VALUES (?, ?, 1)
                ON CONFLICT (day, environment) DO UPDATE SET last = last + 1 RETURNING last
                """)
        return try Int64.fetchOne(statement, arguments: [day, environment.rawValue]) ?? 1
    }

    /// Has the receipt of a set published once more, whatever became of its files; not one that nobody could publish.
    func reissue(for seq: Int64) throws -> AnswerToPublish {
        let query = try db.cachedStatement(
            sql: "SELECT id, sender FROM answer WHERE setSeq = ? AND kind = 'receipt'")
        guard let answer = try Row.fetchOne(query, arguments: [seq]).map(AnswerToPublish.init) else {
            throw SpoolFault(.wrongState, "The set has no receipt of its own.")
        }
        _ = try IssuedAnswer(answer.id, from: db)
        try db.cachedStatement(sql: "UPDATE answer SET state = 'issued' WHERE id = ?")
            .execute(arguments: [answer.id])
        return answer
    }

    /// The files are durable. The answer gets the next place on its sender's shelf, also when it was there
    /// before. One deleted by its reader meanwhile stays deleted.
    func notePublished(_ id: Int64) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE answer SET state = 'published', publishedAt = ?, shelf = ? WHERE id = ? AND state = 'issued'
                """)
        try statement.execute(arguments: [now.timeIntervalSince1970, try nextPlace(), id])
    }

    private func nextPlace() throws -> Int64 {
        let statement = try db.cachedStatement(
            sql: "UPDATE counter SET next = next + 1 WHERE name = 'shelf' RETURNING next - 1")
        return try Ledger.decoded(Int64.fetchOne(statement), "next place", 0)
    }

    func noteTaken(_ ticket: Ticket) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE answer SET state = 'taken' WHERE kind = 'receipt' AND state = 'published'
                AND setSeq = (SELECT seq FROM fileSet WHERE ticket = ?)
                """)
        try statement.execute(arguments: [ticket.description])
    }

    func noteDeleted(_ stem: String, of sender: SenderNumber) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE answer SET state = 'deleted'
                WHERE sender = ? AND stem = ? AND state IN ('issued', 'published', 'taken')
                """)
        try statement.execute(arguments: [sender.description, stem])
    }

    func noteExpired(_ id: Int64) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE answer SET state = 'expired' WHERE id = ? AND state IN ('published', 'taken')")
        try statement.execute(arguments: [id])
    }
}

/// Which answer is to be published, and whose it is.
struct AnswerToPublish: Sendable {
    let id: Int64
    let sender: SenderNumber

    init(_ row: Row) throws {
        id = try row.decode(forColumn: "id")
        sender = try Ledger.decoded(SenderNumber(row.decode(String.self, forColumn: "sender")), "sender", id)
    }
}

/// An answer as the publisher needs it.
struct IssuedAnswer: Sendable {
    let id: Int64
    /// The set it answers.
    let ticket: Ticket
    let sender: SenderNumber
    let mailbox: Mailbox
    let stem: String
    let state: AnswerState
    let document: [UInt8]
    let signature: [UInt8]

    /// One that was written just now.
    fileprivate init(
        _ id: Int64, _ receipt: RecordedDecision.Receipt, named stem: String, to set: SealedSet
    ) {
        self.id = id
        ticket = set.ticket
        sender = set.sender
        mailbox = receipt.mailbox
        self.stem = stem
        state = .issued
        document = receipt.document
        signature = receipt.signature
    }

    init?(_ id: Int64, from db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                SELECT answer.*, fileSet.ticket FROM answer JOIN fileSet ON fileSet.seq = answer.setSeq WHERE id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
        self.id = id
        ticket = try Ledger.decoded(Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", id)
        sender = try Ledger.decoded(SenderNumber(row.decode(String.self, forColumn: "sender")), "sender", id)
        let answer = try AnswerRow(row)
        mailbox = answer.mailbox
        stem = answer.stem
        state = answer.state
        document = answer.document
        signature = answer.signature
    }

    /// The three files in the order in which they must appear; the GO is empty.
    var files: [(name: String, bytes: [UInt8])] {
        Array(zip(AnswerStem.prefixes.map { "\($0).\(stem)" }, [document, signature, []]))
    }
}
