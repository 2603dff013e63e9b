internal import Exchange
internal import GRDB

// The ledger itself, as SQLite checks it.
extension SpoolCheck {
    /// A value that no index holds and no rule forbids may have changed all the same: pages have no checksums.
    func addLedgerDamage(to findings: inout [Finding]) throws {
        for sentence in try ledger.damage() {
            findings.append(
                Finding(
                    kind: .damagedLedger, ticket: nil, path: "ledger.sqlite",
                    sentence: "The ledger is damaged: \(sentence)."))
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
}
