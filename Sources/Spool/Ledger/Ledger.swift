public import Exchange
internal import Foundation
internal import GRDB
internal import Glibc

/// What the ledger can tell. Reading never waits for the daemon's writing; the writing is the spool's alone.
public final class Ledger: Sendable {
    private let reader: any DatabaseReader

    init(reader: any DatabaseReader) {
        self.reader = reader
    }

    /// Opens the ledger of a spool for reading, beside the daemon or without it.
    ///
    /// - Throws: `.missing` when there is no ledger, `.ledger` when it cannot be read.
    public static func openForReading(at root: String) throws(SpoolFault) -> Ledger {
        let path = SpoolDisk.ledgerPath(in: root)
        guard access(path, F_OK) == 0 else {
            throw SpoolFault(.missing, "There is no spool at \(root).")
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            return Ledger(reader: try DatabaseQueue(path: path, configuration: configuration))
        } catch {
            throw SpoolFault(.ledger, "The ledger \(path) cannot be opened: \(error)")
        }
    }

    /// Sets, the newest first, at the most `limit`.
    ///
    /// - Parameter includingSettled: routed and refused sets too.
    /// - Throws: `.ledger` also when a single row is not as it was written.
    public func sets(
        limit: Int, includingSettled: Bool, of sender: SenderNumber? = nil
    ) throws(SpoolFault) -> [SetRow] {
        let (rows, fault) = try readableSets(limit: limit, includingSettled: includingSettled, of: sender)
        if let fault { throw fault }
        return rows
    }

    /// Those of the sets whose rows are as they were written, and what is wrong with the last of the others.
    public func readableSets(
        limit: Int, includingSettled: Bool, of sender: SenderNumber? = nil
    ) throws(SpoolFault) -> (rows: [SetRow], fault: SpoolFault?) {
        try read { db in
            // Each state has its own index range; one by one, so that no sort over all waiting sets is
            // needed.
            let states: [SetState] = includingSettled ? SetState.allCases : [.received, .held, .accepted]
            let filter = sender == nil ? "" : "AND sender = :sender"
            let newest = states.map { state in
                """
                SELECT seq FROM (SELECT seq FROM fileSet WHERE state = '\(state.rawValue)' \(filter)
                ORDER BY seq DESC LIMIT :limit)
                """
            }
            let sql = """
                SELECT * FROM fileSet WHERE seq IN (\(newest.joined(separator: " UNION ALL ")))
                ORDER BY seq DESC LIMIT :limit
                """
            var arguments: StatementArguments = ["limit": limit]
            if let sender { arguments += ["sender": sender.description] }
            var sets = Readable<SetRow>()
            for row in try Row.fetchAll(db, sql: sql, arguments: arguments) {
                try sets.append { try SetRow(row, from: db) }
            }
            return (sets.values, sets.fault.map { SpoolFault(ledgerError: $0) })
        }
    }

    /// Nil when no set has the ticket.
    public func set(_ ticket: Ticket) throws(SpoolFault) -> SetRow? {
        try read { db in
            let statement = try db.cachedStatement(sql: "SELECT * FROM fileSet WHERE ticket = ?")
            return try Row.fetchOne(statement, arguments: [ticket.description]).map {
                try SetRow($0, from: db)
            }
        }
    }

    /// How many sets stand where. `received` is the number of rows ever written, counted apart from the rows
    /// that are there, so that a lost row would show.
    public func counts() throws(SpoolFault) -> SetCounts {
        try read { db in
            let received =
                try Int.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'fileSet'") ?? 0
            var byState: [SetState: Int] = [:]
            for row in try Row.fetchAll(
                db, sql: "SELECT state, count(*) AS number FROM fileSet GROUP BY state")
            {
                guard let state = SetState(rawValue: try row.decode(forColumn: "state")) else { continue }
                byState[state] = try row.decode(forColumn: "number")
            }
            return SetCounts(
                received: received, waiting: byState[.received, default: 0] + byState[.accepted, default: 0],
                held: byState[.held, default: 0], routed: byState[.routed, default: 0],
                refused: byState[.refused, default: 0])
        }
    }

    /// One consistent look at the ledger.
    func read<Value>(_ body: (Database) throws -> Value) throws(SpoolFault) -> Value {
        do {
            return try reader.read(body)
        } catch {
            throw SpoolFault(ledgerError: error)
        }
    }
}

extension SpoolFault {
    /// A fault stays what it is; anything else is the ledger's. What a row holds stays out of the sentence.
    init(ledgerError error: any Error) {
        if error is RowDecodingError {
            self.init(.ledger, "A row of the ledger has an unreadable value.")
            return
        }
        self = error as? SpoolFault ?? SpoolFault(.ledger, "The ledger cannot be used: \(error)")
    }
}
