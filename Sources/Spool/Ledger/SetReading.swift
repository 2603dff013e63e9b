internal import Exchange
internal import Foundation
internal import GRDB

// Rows into values. A row that makes no sense is a fault of the ledger, never guessed at.

extension SealedSet {
    /// From a row of `fileSet`; reads its parts.
    init(_ row: Row, from db: Database) throws {
        let seq: Int64 = row["seq"]
        self.init(
            ticket: try Ledger.decoded(Ticket(row["ticket"] as String), "ticket", seq),
            sender: try Ledger.decoded(SenderNumber(row["sender"] as String), "sender", seq),
            channel: try Ledger.decoded(ChannelKind(rawValue: row["channel"]), "channel", seq),
            mailbox: try Ledger.decoded(Mailbox(rawValue: row["mailbox"]), "mailbox", seq),
            receivedAt: Date(timeIntervalSince1970: row["receivedAt"]),
            name: try Ledger.decoded(FileName(escaped: row["name"] as String), "name", seq),
            hasTrigger: row["hasTrigger"],
            parts: try SealedSet.parts(of: seq, from: db))
    }

    static func parts(of seq: Int64, from db: Database) throws -> [Part] {
        let statement = try db.cachedStatement(
            sql: "SELECT name, size, digest FROM part WHERE setSeq = ? ORDER BY position")
        return try Row.fetchAll(statement, arguments: [seq]).map { row in
            Part(
                name: try Ledger.decoded(FileName(escaped: row["name"] as String), "part name", seq),
                size: row["size"],
                digest: try Ledger.decoded(Digest(row["digest"] as Data), "digest", seq))
        }
    }
}

extension SetRow {
    init(_ row: Row, from db: Database) throws {
        let seq: Int64 = row["seq"]
        sealed = try SealedSet(row, from: db)
        state = try Ledger.decoded(SetState(rawValue: row["state"]), "state", seq)
        attempt = row["attempt"]
        dueAt = Date(timeIntervalSince1970: row["dueAt"])
        deferral = (row["deferralReason"] as String?).map { reason in
            Deferral(Deferral.Reason(rawValue: reason) ?? .unknown, row["deferralSentence"])
        }
        codes = (row["codes"] as String).split(separator: " ").compactMap {
            Int($0).flatMap(ReceptionCode.init)
        }
        decisionJSON = row["decision"]
        destination = try (row["destination"] as Int64?).flatMap { id in
            try String.fetchOne(
                db.cachedStatement(sql: "SELECT name FROM destination WHERE id = ?"), arguments: [id])
        }
        repeatOf = try (row["repeatOf"] as Int64?).flatMap { first in
            try String.fetchOne(
                db.cachedStatement(sql: "SELECT ticket FROM fileSet WHERE seq = ?"), arguments: [first])
        }.flatMap { Ticket($0) }
        let answer = try db.cachedStatement(sql: "SELECT * FROM answer WHERE setSeq = ? AND kind = 'receipt'")
        self.answer = try Row.fetchOne(answer, arguments: [seq]).map { try AnswerRow($0) }
        decidedAt = (row["decidedAt"] as Double?).map(Date.init(timeIntervalSince1970:))
        settledAt = (row["settledAt"] as Double?).map(Date.init(timeIntervalSince1970:))
        retiredAt = (row["retiredAt"] as Double?).map(Date.init(timeIntervalSince1970:))
    }
}

extension AnswerRow {
    init(_ row: Row) throws {
        let id: Int64 = row["id"]
        stem = row["stem"]
        state = try Ledger.decoded(AnswerState(rawValue: row["state"]), "answer state", id)
        publishedAt = (row["publishedAt"] as Double?).map(Date.init(timeIntervalSince1970:))
        document = Array(row["document"] as Data)
        signature = Array(row["signature"] as Data)
        mailbox = try Ledger.decoded(Mailbox(rawValue: row["mailbox"]), "mailbox", id)
        channel = try Ledger.decoded(ChannelKind(rawValue: row["channel"]), "channel", id)
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
