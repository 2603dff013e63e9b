internal import Exchange
internal import Foundation
internal import GRDB

/// Which sets may be decided or delivered now.
///
/// A set may be decided when it is due and no earlier set of its sender with its name is undecided. It may be
/// delivered when it is due, no earlier set of its sender is waiting for its decision, and no earlier one of
/// its sender is waiting for delivery to the same destination: so there is at most one for each sender and
/// destination, its head.
struct WaitingSets {
    struct Head: Sendable {
        let ticket: Ticket
        let sender: SenderNumber
        let dueAt: Date
    }

    // The planner would take the index by state and sort; it does not know how few are wanted.

    static let undecidedSQL = """
        SELECT * FROM fileSet AS s INDEXED BY setToDecideOfSender
        WHERE state = 'received' AND sender = ? AND dueAt <= ? AND NOT EXISTS (
            SELECT 1 FROM fileSet AS e
            WHERE e.sender = s.sender AND e.identity = s.identity AND e.seq < s.seq AND e.decidedAt IS NULL)
        ORDER BY dueAt, seq
        """

    static let nextSenderSQL = """
        SELECT sender, dueAt FROM fileSet INDEXED BY setToDecideOfSender
        WHERE state = 'received' AND sender > ? ORDER BY sender, dueAt LIMIT 1
        """

    static let nextHeadSQL = """
        SELECT sender, destination, seq FROM fileSet INDEXED BY setToDeliver
        WHERE state = 'accepted' AND (sender, destination) > (?, ?) ORDER BY sender, destination, seq LIMIT 1
        """

    static let lineSQL = """
        SELECT ticket, dueAt FROM fileSet INDEXED BY setToDeliver
        WHERE state = 'accepted' AND sender = ? AND destination = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?
        """

    static let headOfSenderSQL = """
        SELECT (SELECT seq FROM fileSet INDEXED BY setToDeliver
            WHERE state = 'accepted' AND sender = ? AND fileSet.destination = destination.id
            ORDER BY seq LIMIT 1) AS head
        FROM destination WHERE head IS NOT NULL
        """

    static let firstUndecidedSQL = """
        SELECT min(seq) FROM fileSet INDEXED BY setUndecidedOfSender WHERE state = 'received' AND sender = ?
        """

    static let soonestSQL =
        "SELECT min(dueAt) FROM fileSet INDEXED BY setToDecide WHERE state = 'received' AND dueAt > ?"

    let db: Database
    let now: Date

    /// The senders who have undecided sets that are due.
    func sendersToDecide() throws -> Readable<SenderNumber> {
        // A loose scan: one look-up for each sender, however many sets wait.
        let statement = try db.cachedStatement(sql: WaitingSets.nextSenderSQL)
        var senders = Readable<SenderNumber>()
        var last = ""
        while let row = try Row.fetchOne(statement, arguments: [last]) {
            last = try row.decode(forColumn: "sender")
            let latest = now.timeIntervalSince1970
            try senders.append {
                guard try row.decode(Double.self, forColumn: "dueAt") <= latest else { return nil }
                return try Ledger.decoded(SenderNumber(last), "sender", 0)
            }
        }
        return senders
    }

    /// Whether a set that nobody put off is due later than now: the clock was set back since.
    func hasSetsOfTheFuture() throws -> Bool {
        try [SetState.received, .accepted].contains { state in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT 1 FROM fileSet WHERE state = '\(state.rawValue)' AND dueAt > ? AND deferralReason IS NULL
                    LIMIT 1
                    """)
            return try Bool.fetchOne(statement, arguments: [now.timeIntervalSince1970]) ?? false
        }
    }

    /// Due undecided sets of a sender, the longest due first: fewer than `limit` only when there are no more.
    func undecided(of sender: SenderNumber, limit: Int) throws -> Readable<UndecidedSet> {
        let statement = try db.cachedStatement(sql: WaitingSets.undecidedSQL)
        let arguments: StatementArguments = [sender.description, now.timeIntervalSince1970]
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        var sets = Readable<UndecidedSet>()
        while sets.values.count < limit, let row = try rows.next() {
            try sets.append { try UndecidedSet(row, from: db) }
        }
        return sets
    }

    /// When the next set that is not due yet will be.
    func soonestUndecided() throws -> Date? {
        let statement = try db.cachedStatement(sql: WaitingSets.soonestSQL)
        return try Double.fetchOne(statement, arguments: [now.timeIntervalSince1970])
            .map(Date.init(timeIntervalSince1970:))
    }

    /// The next set with that name, and when it is due; nil also when its row makes no sense, for that is no reason to keep
    /// the one before it.
    func successor(
        of seq: Int64, named name: FileName, by sender: SenderNumber
    ) throws -> (set: UndecidedSet, dueAt: Date)? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT * FROM fileSet WHERE sender = ? AND identity = ? AND decidedAt IS NULL ORDER BY seq LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [sender.description, name.identity]),
            try row.decode(String.self, forColumn: "state") == SetState.received.rawValue
        else { return nil }
        var next = Readable<UndecidedSet>()
        try next.append { try UndecidedSet(row, from: db) }
        let due = Date(timeIntervalSince1970: try row.decode(forColumn: "dueAt"))
        return next.values.first.map { ($0, due) }
    }

    /// The heads of one sender.
    func undelivered(of sender: SenderNumber) throws -> [Head] {
        let bound = try firstUndecided(of: sender.description)
        let statement = try db.cachedStatement(sql: WaitingSets.headOfSenderSQL)
        // One whose row makes no sense is told of by those of all senders.
        var heads = Readable<Head>()
        for seq in try Int64.fetchAll(statement, arguments: [sender.description]) where seq < bound {
            try heads.append { try head(seq) }
        }
        return heads.values
    }

    /// The heads of all senders, the longest received first.
    func undelivered() throws -> Readable<Head> {
        // A loose scan: one look-up for each sender and destination, however many sets wait behind the head.
        let statement = try db.cachedStatement(sql: WaitingSets.nextHeadSQL)
        var heads: [Int64] = []
        var sender = ""
        var destination: Int64 = 0
        while let row = try Row.fetchOne(statement, arguments: [sender, destination]) {
            sender = try row.decode(forColumn: "sender")
            destination = try row.decode(forColumn: "destination")
            let seq: Int64 = try row.decode(forColumn: "seq")
            if try seq < firstUndecided(of: sender) { heads.append(seq) }
        }
        var found = Readable<Head>()
        for seq in heads.sorted() { try found.append { try head(seq) } }
        return found
    }

    /// The sets of its sender for the same destination that may be delivered right after a head, up to one whose row makes
    /// no sense.
    func line(behind ticket: Ticket, atMost limit: Int) throws -> [Ticket] {
        let query = try db.cachedStatement(
            sql: "SELECT seq, sender, destination FROM fileSet WHERE ticket = ? AND state = 'accepted'")
        guard let head = try Row.fetchOne(query, arguments: [ticket.description]) else { return [] }
        let seq: Int64 = try head.decode(forColumn: "seq")
        let sender: String = try head.decode(forColumn: "sender")
        let destination: Int64 = try head.decode(forColumn: "destination")
        let statement = try db.cachedStatement(sql: WaitingSets.lineSQL)
        let rows = try Row.fetchAll(
            statement, arguments: [sender, destination, seq, firstUndecided(of: sender), limit])
        let latest = now.timeIntervalSince1970
        let due = try rows.prefix { try $0.decode(Double.self, forColumn: "dueAt") <= latest }
        var tickets = Readable<Ticket>()
        for row in due where tickets.fault == nil {
            try tickets.append {
                try Ledger.decoded(Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", seq)
            }
        }
        return tickets.values
    }

    private func firstUndecided(of sender: String) throws -> Int64 {
        let statement = try db.cachedStatement(sql: WaitingSets.firstUndecidedSQL)
        return try Int64.fetchOne(statement, arguments: [sender]) ?? .max
    }

    private func head(_ seq: Int64) throws -> Head {
        let statement = try db.cachedStatement(sql: "SELECT ticket, sender, dueAt FROM fileSet WHERE seq = ?")
        let row = try Ledger.decoded(Row.fetchOne(statement, arguments: [seq]), "seq", seq)
        return Head(
            ticket: try Ledger.decoded(Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", seq),
            sender: try Ledger.decoded(
                SenderNumber(row.decode(String.self, forColumn: "sender")), "sender", seq),
            dueAt: Date(timeIntervalSince1970: try row.decode(forColumn: "dueAt")))
    }
}

extension UndecidedSet {
    fileprivate init(_ row: Row, from db: Database) throws {
        set = try SealedSet(row, from: db)
        attempt = try row.decode(forColumn: "attempt")
        workersFailed = try row.decode(forColumn: "workersFailed")
    }
}
