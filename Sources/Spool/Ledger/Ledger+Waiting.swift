internal import Exchange
internal import Foundation
internal import GRDB

extension LeaseQueue<UndecidedSet>.Entry {
    init(_ undecided: UndecidedSet) {
        self.init(ticket: undecided.set.ticket, sender: undecided.set.sender, item: undecided)
    }
}

extension LeaseQueue {
    static func undecided(
        in ledger: Ledger, mostOfOne: Int, faults: FaultLog, clock: @escaping @Sendable () -> Date
    ) -> LeaseQueue<UndecidedSet> {
        LeaseQueue<UndecidedSet>(
            "undecided", capacity: Spool.chunk, mostOfOne: mostOfOne, faults: faults, clock: clock,
            scan: {
                try ledger.read { db in
                    let waiting = WaitingSets(db: db, now: clock())
                    let senders = try waiting.sendersToDecide()
                    return .init(
                        senders: senders.values, soonestDue: try waiting.soonestUndecided(),
                        fault: senders.fault)
                }
            },
            read: { sender, limit in
                let sets = try ledger.read {
                    try WaitingSets(db: $0, now: clock()).undecided(of: sender, limit: limit)
                }
                faults.note(sets.fault, of: "undecided of \(sender), a row")
                return sets.values.map { .init($0) }
            })
    }

    /// Only the heads can be handed out, so one for each sender and destination is all there is to keep.
    static func undelivered(
        in ledger: Ledger, faults: FaultLog, clock: @escaping @Sendable () -> Date
    ) -> LeaseQueue<Void> {
        LeaseQueue<Void>(
            "undelivered", capacity: Spool.chunk, faults: faults, clock: clock,
            scan: {
                try ledger.read { db in
                    let now = clock()
                    let heads = try WaitingSets(db: db, now: now).undelivered()
                    return .init(
                        senders: heads.values.filter { $0.dueAt <= now }.map(\.sender),
                        soonestDue: heads.values.map(\.dueAt).filter { $0 > now }.min(), fault: heads.fault)
                }
            },
            read: { sender, _ in
                try ledger.read { db in
                    let now = clock()
                    return try WaitingSets(db: db, now: now).undelivered(of: sender)
                        .filter { $0.dueAt <= now }
                        .map { .init(ticket: $0.ticket, sender: sender, item: ()) }
                }
            })
    }
}

extension Ledger {
    func issuedAnswers() throws(SpoolFault) -> Readable<AnswerToPublish> {
        try read { db in
            var answers = Readable<AnswerToPublish>()
            let sql = "SELECT id, sender FROM answer WHERE state = 'issued' ORDER BY id"
            for row in try Row.fetchAll(db, sql: sql) { try answers.append { try AnswerToPublish(row) } }
            return answers
        }
    }

    func accepted(named name: FileName, by sender: SenderNumber) throws(SpoolFault) -> AcceptedSet? {
        try read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT * FROM fileSet WHERE sender = ? AND identity = ? AND decidedAt IS NOT NULL
                    AND repeatOf IS NULL AND state IN ('accepted', 'held', 'routed') ORDER BY seq LIMIT 1
                    """)
            return try Row.fetchOne(statement, arguments: [sender.description, name.identity]).map { row in
                _ = try SealedOutcome(row, from: db)
                let set = try SealedSet(row, from: db)
                return AcceptedSet(ticket: set.ticket, parts: set.parts)
            }
        }
    }

    /// The sets that may be delivered right after one that waits for its delivery, in their order.
    func line(behind ticket: Ticket, atMost limit: Int, at now: Date) throws(SpoolFault) -> [Ticket] {
        guard limit > 0 else { return [] }
        return try read { try WaitingSets(db: $0, now: now).line(behind: ticket, atMost: limit) }
    }

    /// Those of the sets that wait for their delivery, in the same order, up to one whose row makes no sense.
    ///
    /// - Throws: when that is the first.
    func undelivered(_ tickets: [Ticket]) throws(SpoolFault) -> [UndeliveredSet] {
        try read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT * FROM fileSet WHERE ticket = ? AND state = 'accepted'")
            var sets = Readable<UndeliveredSet>()
            for ticket in tickets {
                guard let row = try Row.fetchOne(statement, arguments: [ticket.description]) else { continue }
                try sets.append { try UndeliveredSet(row, from: db) }
                guard let fault = sets.fault else { continue }
                if sets.values.isEmpty { throw fault }
                break
            }
            return sets.values
        }
    }
}

extension UndeliveredSet {
    fileprivate init(_ row: Row, from db: Database) throws {
        let outcome = try SealedOutcome(row, from: db)
        let seq: Int64 = try row.decode(forColumn: "seq")
        let destination = try Ledger.decoded(outcome.destination, "destination", seq)
        let decision = try Ledger.decoded(outcome.decisionJSON, "decision", seq)
        self.init(
            set: try SealedSet(row, from: db), destination: destination, decisionJSON: decision,
            attempt: try row.decode(forColumn: "attempt"))
    }
}
