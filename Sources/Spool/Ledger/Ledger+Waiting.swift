internal import Exchange
internal import Foundation
internal import GRDB

extension LeaseQueue {
    static func undecided(
        in ledger: Ledger, faults: FaultLog, clock: @escaping @Sendable () -> Date
    ) -> LeaseQueue<UndecidedSet> {
        LeaseQueue<UndecidedSet>("undecided", capacity: Spool.chunk, faults: faults, clock: clock) { limit in
            try ledger.read { db in
                let waiting = WaitingSets(db: db, now: clock())
                let sets = try waiting.undecided(limit: limit)
                return LeaseQueue<UndecidedSet>.Reading(
                    entries: sets.map { .init(ticket: $0.set.ticket, item: $0) },
                    isExhaustive: sets.count < limit,
                    soonestDue: try waiting.soonestUndecided())
            }
        }
    }

    /// Only the heads can be handed out, so one for each sender and destination is all there is to keep.
    static func undelivered(
        in ledger: Ledger, faults: FaultLog, clock: @escaping @Sendable () -> Date
    ) -> LeaseQueue<Void> {
        LeaseQueue<Void>("undelivered", capacity: Spool.chunk, faults: faults, clock: clock) { _ in
            try ledger.read { db in
                let now = clock()
                let heads = try WaitingSets(db: db, now: now).undelivered()
                return LeaseQueue<Void>.Reading(
                    entries: heads.filter { $0.dueAt <= now }.map { .init(ticket: $0.ticket, item: ()) },
                    isExhaustive: true, soonestDue: heads.map(\.dueAt).filter { $0 > now }.min())
            }
        }
    }
}

extension Ledger {
    func issuedAnswers() throws(SpoolFault) -> [Int64] {
        try read { try Int64.fetchAll($0, sql: "SELECT id FROM answer WHERE state = 'issued' ORDER BY id") }
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

    /// Nil when the set is not waiting for its delivery any more.
    func undelivered(_ ticket: Ticket) throws(SpoolFault) -> UndeliveredSet? {
        try read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT fileSet.*, destination.name AS destinationName FROM fileSet
                    JOIN destination ON destination.id = fileSet.destination WHERE ticket = ? AND state = 'accepted'
                    """)
            guard let row = try Row.fetchOne(statement, arguments: [ticket.description]) else { return nil }
            return UndeliveredSet(
                set: try SealedSet(row, from: db), destination: try row.decode(forColumn: "destinationName"),
                decisionJSON: try row.decode(forColumn: "decision"),
                attempt: try row.decode(forColumn: "attempt"))
        }
    }
}
