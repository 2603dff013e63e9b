internal import Exchange
internal import Foundation
internal import GRDB

// The ledger itself, as SQLite checks it and as its rows are sealed.
extension SpoolCheck {
    private static let chunk = 1000

    func addLedgerDamage(to findings: inout [Finding]) throws {
        for sentence in try ledger.damage() {
            findings.append(
                Finding(
                    kind: .damagedLedger, ticket: nil, path: "ledger.sqlite",
                    sentence: "The ledger is damaged: \(sentence)."))
        }
    }

    /// Every row can be read and is as it was written. The other looks leave out those that are not.
    func addDamagedRows(to findings: inout [Finding]) throws {
        var last: Int64? = 0
        while let seq = last {
            let look = try ledger.damagedRows(after: seq, limit: SpoolCheck.chunk)
            for (ticket, fault) in look.damaged {
                findings.append(
                    Finding(
                        kind: .damagedLedger, ticket: ticket, path: "ledger.sqlite",
                        sentence: SpoolFault(ledgerError: fault).sentence))
            }
            last = look.last
        }
    }
}

extension Ledger {
    /// What is wrong with pages, indexes, rules and references, the first of it; empty when nothing is.
    func damage() throws(SpoolFault) -> [String] {
        try read { db in
            let words = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)")
            let strays = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
            return (words == ["ok"] ? [] : words) + (strays == 0 ? [] : ["\(strays) rows refer to none"])
        }
    }

    /// The sets whose rows make no sense, their answers included, and the last one looked at; nil after the last of all.
    func damagedRows(
        after seq: Int64, limit: Int
    ) throws(SpoolFault) -> (damaged: [(ticket: Ticket?, fault: any Error)], last: Int64?) {
        try read { db in
            var damaged: [(ticket: Ticket?, fault: any Error)] = []
            var last: Int64?
            let statement = try db.cachedStatement(
                sql: "SELECT * FROM fileSet WHERE seq > ? ORDER BY seq LIMIT ?")
            let rows = try Row.fetchCursor(statement, arguments: [seq, limit])
            while let row = try rows.next() {
                last = try row.decode(forColumn: "seq")
                var look = Readable<SetRow>()
                try look.append { try SetRow(row, from: db) }
                guard let fault = look.fault else { continue }
                let ticket = (try? row.decode(String.self, forColumn: "ticket")).flatMap { Ticket($0) }
                damaged.append((ticket, fault))
            }
            return (damaged, last)
        }
    }
}
