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
                try ledger.read { db in
                    try WaitingSets(db: db, now: clock()).undecided(of: sender, limit: limit).map {
                        .init($0)
                    }
                }
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
    func issuedAnswers() throws(SpoolFault) -> WaitingSets.Readable<AnswerToPublish> {
        try read { db in
            var answers = WaitingSets.Readable<AnswerToPublish>()
            let sql = "SELECT id, sender FROM answer WHERE state = 'issued' ORDER BY id"
            for row in try Row.fetchAll(db, sql: sql) { try answers.append { try AnswerToPublish(row) } }
            return answers
        }
    }

    func accepted(named name: FileName, by sender: SenderNumber) throws(SpoolFault) -> AcceptedSet? {
        try read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT seq, ticket FROM fileSet WHERE sender = ? AND identity = ? AND decidedAt IS NOT NULL
                    AND repeatOf IS NULL AND state IN ('accepted', 'held', 'routed') ORDER BY seq LIMIT 1
                    """)
            guard let row = try Row.fetchOne(statement, arguments: [sender.description, name.identity]) else {
                return nil
            }
            let seq: Int64 = try row.decode(forColumn: "seq")
            return AcceptedSet(
                ticket: try Ledger.decoded(
                    Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", seq),
                parts: try SealedSet.parts(of: seq, from: db))
        }
    }

    /// The sets that may be delivered right after one that waits for its delivery, in their order.
    func line(behind ticket: Ticket, atMost limit: Int, at now: Date) throws(SpoolFault) -> [Ticket] {
        guard limit > 0 else { return [] }
        return try read { try WaitingSets(db: $0, now: now).line(behind: ticket, atMost: limit) }
    }

    /// Those of the sets that wait for their delivery, in the same order.
    func undelivered(_ tickets: [Ticket]) throws(SpoolFault) -> [UndeliveredSet] {
        try read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT fileSet.*, destination.name AS destinationName FROM fileSet
                    JOIN destination ON destination.id = fileSet.destination WHERE ticket = ? AND state = 'accepted'
                    """)
            return try tickets.compactMap { ticket in
                try Row.fetchOne(statement, arguments: [ticket.description]).map { row in
                    UndeliveredSet(
                        set: try SealedSet(row, from: db),
                        destination: try row.decode(forColumn: "destinationName"),
                        decisionJSON: try row.decode(forColumn: "decision"),
                        attempt: try row.decode(forColumn: "attempt"))
                }
            }
        }
    }
}
