internal import Exchange
internal import Foundation
internal import GRDB

// Rows into values. A row that makes no sense is a fault of the ledger, never guessed at.

extension SealedSet {
    /// From a row of `fileSet`; reads its parts.
    init(_ row: Row, from db: Database) throws {
        let seq: Int64 = try row.decode(forColumn: "seq")
        let parts = try db.cachedStatement(
            sql: "SELECT name, size, digest FROM part WHERE setSeq = ? ORDER BY position")
        let partRows = try Row.fetchAll(parts, arguments: [seq])
        try RowSeal.arrival.require(in: row, seq, and: partRows.flatMap(\.databaseValues))
        self.init(
            ticket: try Ledger.decoded(Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", seq),
            sender: try Ledger.decoded(
                SenderNumber(row.decode(String.self, forColumn: "sender")), "sender", seq),
            channel: try Ledger.decoded(
                ChannelKind(rawValue: row.decode(forColumn: "channel")), "channel", seq),
            mailbox: try Ledger.decoded(Mailbox(rawValue: row.decode(forColumn: "mailbox")), "mailbox", seq),
            receivedAt: Date(timeIntervalSince1970: try row.decode(forColumn: "receivedAt")),
            name: try Ledger.decoded(
                FileName(escaped: row.decode(String.self, forColumn: "name")), "name", seq),
            hasTrigger: try row.decode(forColumn: "hasTrigger"),
            parts: try partRows.map { try Part($0, of: seq) })
    }
}

extension SealedSet.Part {
    /// - Parameter seq: of the set, for the words of a fault.
    init(_ row: Row, of seq: Int64) throws {
        self.init(
            name: try Ledger.decoded(
                FileName(escaped: row.decode(String.self, forColumn: "name")), "part name", seq),
            size: try row.decode(forColumn: "size"),
            digest: try Ledger.decoded(Digest(row.decode(Data.self, forColumn: "digest")), "digest", seq))
    }
}

/// What of a row of `fileSet` its decision wrote.
struct SealedOutcome {
    let decisionJSON: String?
    let destination: String?

    init(_ row: Row, from db: Database) throws {
        destination = try row.decode(Int64?.self, forColumn: "destination").flatMap { id in
            try String.fetchOne(
                db.cachedStatement(sql: "SELECT name FROM destination WHERE id = ?"), arguments: [id])
        }
        decisionJSON = try row.decode(forColumn: "decision")
        let isDecided = ["decision", "decidedAt", RowSeal.outcome.column].contains { column in
            !((row[column] as DatabaseValue?)?.isNull ?? true)
        }
        if isDecided {
            let isOld = try row.decode(Data?.self, forColumn: RowSeal.arrival.column) == nil
            // The name and not the number: all sets of a destination share the row that has it.
            try RowSeal.outcome.require(
                in: row, try row.decode(forColumn: "seq"), and: [destination.databaseValue],
                when: isOld ? .mayBeOld : .isSealed)
        }
    }
}

extension SetRow {
    init(_ row: Row, from db: Database) throws {
        let seq: Int64 = try row.decode(forColumn: "seq")
        sealed = try SealedSet(row, from: db)
        let outcome = try SealedOutcome(row, from: db)
        decisionJSON = outcome.decisionJSON
        destination = outcome.destination
        state = try Ledger.decoded(SetState(rawValue: row.decode(forColumn: "state")), "state", seq)
        attempt = try row.decode(forColumn: "attempt")
        dueAt = Date(timeIntervalSince1970: try row.decode(forColumn: "dueAt"))
        deferral = try row.decode(String?.self, forColumn: "deferralReason").map { reason in
            Deferral(
                Deferral.Reason(rawValue: reason) ?? .unknown, try row.decode(forColumn: "deferralSentence"))
        }
        codes = try row.decode(String.self, forColumn: "codes").split(separator: " ").compactMap {
            Int($0).flatMap(ReceptionCode.init)
        }
        repeatOf = try row.decode(Int64?.self, forColumn: "repeatOf").flatMap { first in
            try String.fetchOne(
                db.cachedStatement(sql: "SELECT ticket FROM fileSet WHERE seq = ?"), arguments: [first])
        }.flatMap { Ticket($0) }
        let answer = try db.cachedStatement(sql: "SELECT * FROM answer WHERE setSeq = ? AND kind = 'receipt'")
        self.answer = try Row.fetchOne(answer, arguments: [seq]).map { try AnswerRow($0) }
        decidedAt = try row.decode(Double?.self, forColumn: "decidedAt").map(
            Date.init(timeIntervalSince1970:))
        settledAt = try row.decode(Double?.self, forColumn: "settledAt").map(
            Date.init(timeIntervalSince1970:))
        retiredAt = try row.decode(Double?.self, forColumn: "retiredAt").map(
            Date.init(timeIntervalSince1970:))
    }
}

extension AnswerRow {
    init(_ row: Row) throws {
        let id: Int64 = try row.decode(forColumn: "id")
        try RowSeal.answer.require(in: row, id)
        stem = try row.decode(forColumn: "stem")
        state = try Ledger.decoded(AnswerState(rawValue: row.decode(forColumn: "state")), "answer state", id)
        publishedAt = try row.decode(Double?.self, forColumn: "publishedAt").map(
            Date.init(timeIntervalSince1970:))
        document = Array(try row.decode(Data.self, forColumn: "document"))
        signature = Array(try row.decode(Data.self, forColumn: "signature"))
        mailbox = try Ledger.decoded(Mailbox(rawValue: row.decode(forColumn: "mailbox")), "mailbox", id)
        channel = try Ledger.decoded(ChannelKind(rawValue: row.decode(forColumn: "channel")), "channel", id)
    }
}

extension Ledger {
    static func decoded<Value>(_ value: Value?, _ column: String, _ row: Int64) throws(SpoolFault) -> Value {
        guard let value else {
            throw SpoolFault(.ledger, "Row \(row) of the ledger has an unreadable \(column).")
        }
        return value
    }
}
