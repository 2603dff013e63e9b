internal import Exchange
internal import Foundation
internal import GRDB

// Rows of sets and their bytes, both ways.
extension SpoolCheck {
    private static let chunk = 1000

    private var sets: HeldSets { HeldSets(held: held) }

    /// Every set that is not settled has its bytes, every decided one its receipt.
    func addSets(to findings: inout [Finding]) throws {
        var last: Int64 = 0
        while true {
            let unsettled = try ledger.unsettled(after: last, limit: SpoolCheck.chunk)
            for set in unsettled.sets.values { try addDifferences(of: set, to: &findings) }
            guard let seq = unsettled.last else { break }
            last = seq
        }
        for ticket in try ledger.decidedWithoutReceipt() {
            findings.append(
                Finding(
                    kind: .missingReceipt, ticket: ticket, path: nil,
                    sentence: "The set \(ticket) is decided and has no receipt."))
        }
    }

    private func addDifferences(of set: SealedSet, to findings: inout [Finding]) throws {
        for part in set.parts {
            let path = sets.path(part.name, set.ticket)
            guard try held.status(path) != nil else {
                findings.append(
                    Finding(
                        kind: .missingFile, ticket: set.ticket, path: "held/\(path)",
                        sentence: "The held file \(part.name) of \(set.ticket) is missing."))
                continue
            }
            let bytes = try held.open(path).digest()
            if bytes.size != part.size || bytes.digest != part.digest {
                findings.append(
                    Finding(
                        kind: .changedFile, ticket: set.ticket, path: "held/\(path)",
                        sentence: "The held file \(part.name) of \(set.ticket) is not what was received."))
            }
        }
        let content = try sets.content(set.ticket)
        for name in content.parts where !set.parts.contains(where: { $0.name == name }) {
            findings.append(
                Finding(
                    kind: .extraFile, ticket: set.ticket, path: "held/\(sets.path(name, set.ticket))",
                    sentence: "The held file \(name) of \(set.ticket) is not in the ledger."))
        }
        if !content.strangers.isEmpty {
            findings.append(stranger(in: "held/\(set.ticket)", ticket: set.ticket))
        }
    }

    /// Every held directory has a row that was not retired.
    func addHeldDirectories(to findings: inout [Finding]) throws {
        for name in try held.names(in: ".") {
            guard let ticket = Ticket(name) else {
                findings.append(stranger(in: "held"))
                continue
            }
            switch try ledger.isRetired(ticket) {
            case false?: continue
            case true?:
                findings.append(
                    Finding(
                        kind: .leftBehind, ticket: ticket, path: "held/\(ticket)",
                        sentence: "The held directory \(ticket) was to be removed."))
            case nil:
                findings.append(
                    Finding(
                        kind: .missingRow, ticket: ticket, path: "held/\(ticket)",
                        sentence: "The held directory \(ticket) has no row."))
            }
        }
    }

    /// No consigned directory is that of a set with a row.
    func addConsignedDirectories(to findings: inout [Finding]) throws {
        for name in try root.names(in: "consigned") {
            guard let ticket = Ticket(name) else {
                findings.append(stranger(in: "consigned"))
                continue
            }
            if try ledger.isRetired(ticket) != nil {
                findings.append(
                    Finding(
                        kind: .leftBehind, ticket: ticket, path: "consigned/\(ticket)",
                        sentence: "The set \(ticket) is sealed and lies among those being handed over."))
            }
        }
    }

    func stranger(in directory: String, ticket: Ticket? = nil) -> Finding {
        Finding(
            kind: .stranger, ticket: ticket, path: directory, sentence: "There is a stranger in \(directory)."
        )
    }
}

extension Ledger {
    /// Undecided, held and undelivered sets, oldest first, and the last one looked at.
    func unsettled(
        after seq: Int64, limit: Int
    ) throws(SpoolFault) -> (sets: Readable<SealedSet>, last: Int64?) {
        try read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM fileSet WHERE settledAt IS NULL AND seq > ? ORDER BY seq LIMIT ?",
                arguments: [seq, limit])
            var sets = Readable<SealedSet>()
            for row in rows { try sets.append { try SealedSet(row, from: db) } }
            return (sets, try rows.last?.decode(forColumn: "seq"))
        }
    }

    /// Nil when no set has the ticket.
    func isRetired(_ ticket: Ticket) throws(SpoolFault) -> Bool? {
        try read { db in
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT retiredAt IS NOT NULL FROM fileSet WHERE ticket = ?"),
                arguments: [ticket.description])
        }
    }

    /// The schema keeps it from happening; a damaged ledger may show it.
    func decidedWithoutReceipt() throws(SpoolFault) -> [Ticket] {
        try read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT ticket FROM fileSet AS s WHERE decidedAt IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM answer WHERE setSeq = coalesce(s.repeatOf, s.seq) AND kind = 'receipt')
                    """
            ).compactMap { Ticket($0) }
        }
    }
}
