internal import Exchange
internal import Foundation
internal import GRDB

/// The marks under which sets were handed over.
struct HandoverWriting {
    /// Bytes of a mark.
    static let markLength = 1...500

    let db: Database

    /// Nil when nothing is kept under the mark.
    func handover(_ mark: HandoverMark) throws -> Handover? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT setSeq, ticket, fingerprint, at FROM handover JOIN fileSet ON fileSet.seq = setSeq
                WHERE mark = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [mark.text]) else { return nil }
        let seq: Int64 = try row.decode(forColumn: "setSeq")
        return Handover(
            ticket: try Ledger.decoded(Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", seq),
            fingerprint: try Ledger.decoded(
                Digest(row.decode(Data.self, forColumn: "fingerprint")), "fingerprint", seq),
            at: Date(timeIntervalSince1970: try row.decode(forColumn: "at")))
    }

    /// Keeps the mark with a set written before.
    func keep(_ mark: HandoverMark, _ fingerprint: Digest, of set: SealedSet) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO handover (mark, setSeq, fingerprint, at)
                VALUES (?, (SELECT seq FROM fileSet WHERE ticket = ?), ?, ?)
                """)
        try statement.execute(
            arguments: [
                mark.text, set.ticket.description, Data(fingerprint.bytes),
                set.receivedAt.timeIntervalSince1970,
            ])
    }

    func forget(_ mark: HandoverMark) throws {
        try db.cachedStatement(sql: "DELETE FROM handover WHERE mark = ?").execute(arguments: [mark.text])
    }

    /// Forgets marks kept up to a time, at most `limit`; returns how many.
    func forget(keptUpTo time: Date, limit: Int) throws -> Int {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM handover WHERE mark IN (SELECT mark FROM handover WHERE at <= ? ORDER BY at LIMIT ?)
                """)
        try statement.execute(arguments: [time.timeIntervalSince1970, limit])
        return db.changesCount
    }
}
