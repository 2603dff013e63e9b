internal import Exchange
internal import Foundation
internal import GRDB

/// The changes a set's row goes through. Each names the state it expects and fails with `.wrongState`
/// otherwise.
struct SetWriting {
    let db: Database
    let now: Date

    /// Writes a sealed set. False when an earlier undecided set of the same sender is of the same identity, so that
    /// this one must wait for it.
    func insert(_ set: SealedSet) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO fileSet (ticket, sender, channel, mailbox, receivedAt, name, identity, hasTrigger,
                arrivalSeal, state, attempt, dueAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', 0, ?)
                """)
        let time = set.receivedAt.timeIntervalSince1970
        let arrived: [(any DatabaseValueConvertible)?] = [
            set.ticket.description, set.sender.description, set.channel.rawValue, set.mailbox.rawValue, time,
            set.name.escaped, set.name.identity, set.hasTrigger,
        ]
        let parts: [[(any DatabaseValueConvertible)?]] = set.parts.map {
            [$0.name.escaped, $0.size, Data($0.digest.bytes)]
        }
        let seal = RowSeal.arrival.value(of: arrived + parts.joined())
        try statement.execute(arguments: StatementArguments(arrived + [seal, time]))
        let seq = db.lastInsertedRowID
        let part = try db.cachedStatement(
            sql: "INSERT INTO part (setSeq, position, name, size, digest) VALUES (?, ?, ?, ?, ?)")
        for (position, entry) in parts.enumerated() {
            try part.execute(arguments: StatementArguments([seq, position] + entry))
        }
        return try !isBehind(seq, sender: set.sender, name: set.name)
    }

    private func isBehind(_ seq: Int64, sender: SenderNumber, name: FileName) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM fileSet WHERE sender = ? AND identity = ? AND seq < ? AND decidedAt IS NULL LIMIT 1
                """)
        return try Bool.fetchOne(statement, arguments: [sender.description, name.identity, seq]) ?? false
    }

    /// Writes a decision with its receipt; returns what may be done now that could not before.
    func decide(_ decision: RecordedDecision, for set: SealedSet) throws -> Unblocked {
        let seq = try seq(of: set.ticket)
        try requireUndecided(seq, set.ticket)
        var unblocked = Unblocked()
        if let receipt = decision.receipt {
            unblocked.answer = try AnswerWriting(db: db, now: now).issue(receipt, to: set, at: seq)
        }
        var state = SetState.routed
        var destination: String?
        var first: Int64?
        switch decision.outcome {
        case .refused: state = .refused
        case .accepted(let name):
            state = name == nil ? .routed : .accepted
            destination = name
        case .repeated(let ticket):
            first = try self.seq(of: ticket)
            unblocked.reissued = try first.map { try AnswerWriting(db: db, now: now).reissue(for: $0) }
        }
        try write(decision, as: state, to: destination, repeating: first, at: seq, set.ticket)
        try requireChange(set.ticket, "waiting for its decision")
        let waiting = WaitingSets(db: db, now: now)
        unblocked.undecided = try waiting.successor(of: seq, named: set.name, by: set.sender)
        unblocked.undelivered = try waiting.undelivered(of: set.sender)
        return unblocked
    }

    private func write(
        _ decision: RecordedDecision, as state: SetState, to destination: String?, repeating first: Int64?,
        at seq: Int64, _ ticket: Ticket
    ) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE fileSet SET state = ?, codes = ?, decision = ?, destination = ?, repeatOf = ?, decidedAt = ?,
                outcomeSeal = ?, settledAt = ?, attempt = 0, dueAt = ?, deferralReason = NULL,
                deferralSentence = NULL WHERE seq = ? AND state = 'received'
                """)
        let time = now.timeIntervalSince1970
        let codes = decision.codes.map { String($0.rawValue) }.joined(separator: " ")
        let seal = RowSeal.outcome.value(
            of: [ticket.description, codes, decision.decisionJSON, first, time, destination])
        try statement.execute(
            arguments: [
                state.rawValue, codes, decision.decisionJSON, try destination.flatMap(self.destination),
                first,
                time, seal, state == .accepted ? nil : time, time, seq,
            ])
    }

    /// Back to waiting, whatever step it waits for.
    func postpone(_ ticket: Ticket, _ deferral: Deferral, until due: Date) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE fileSet SET attempt = attempt + 1, workersFailed = workersFailed + ?, dueAt = ?,
                deferralReason = ?, deferralSentence = ? WHERE ticket = ? AND state IN ('received', 'accepted')
                """)
        try statement.execute(
            arguments: [
                deferral.reason == .workerFailed ? 1 : 0, due.timeIntervalSince1970,
                deferral.reason.rawValue, deferral.sentence, ticket.description,
            ])
        try requireChange(ticket, "waiting")
    }

    /// To an operator, whatever step it waits for.
    func hold(_ ticket: Ticket, _ deferral: Deferral) throws -> Unblocked {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE fileSet SET heldFrom = state, state = 'held', deferralReason = ?, deferralSentence = ?
                WHERE ticket = ? AND state IN ('received', 'accepted')
                """)
        try statement.execute(arguments: [deferral.reason.rawValue, deferral.sentence, ticket.description])
        try requireChange(ticket, "waiting")
        return Unblocked(undelivered: try WaitingSets(db: db, now: now).undelivered(of: sender(of: ticket)))
    }

    /// From the operator back to the step it was held at.
    func release(_ ticket: Ticket) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE fileSet SET state = heldFrom, heldFrom = NULL, attempt = 0, workersFailed = 0, dueAt = ?,
                deferralReason = NULL, deferralSentence = NULL WHERE ticket = ? AND state = 'held'
                """)
        try statement.execute(arguments: [now.timeIntervalSince1970, ticket.description])
        try requireChange(ticket, "held")
    }

    /// Due at once, whatever step it waits for.
    func requeue(_ ticket: Ticket) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE fileSet SET dueAt = ? WHERE ticket = ? AND state IN ('received', 'accepted')")
        try statement.execute(arguments: [now.timeIntervalSince1970, ticket.description])
        try requireChange(ticket, "waiting")
    }

    /// Sets that are not due yet are so much sooner: those that were put off not before now, the others now, in the order
    /// in which they came.
    func hasten(by seconds: TimeInterval) throws {
        for state in [SetState.received, .accepted] {
            try db.execute(
                sql: """
                    UPDATE fileSet SET dueAt = CASE WHEN deferralReason IS NULL THEN min(:now, dueAt - :seconds)
                    ELSE max(:now, dueAt - :seconds) END WHERE state = '\(state.rawValue)' AND dueAt > :now
                    """,
                arguments: ["now": now.timeIntervalSince1970, "seconds": seconds])
        }
    }

    /// Sets of one sender.
    func recordDelivered(_ tickets: [Ticket]) throws -> Unblocked {
        for ticket in tickets { try recordDelivered(ticket) }
        guard let ticket = tickets.first else { return Unblocked() }
        return Unblocked(undelivered: try WaitingSets(db: db, now: now).undelivered(of: sender(of: ticket)))
    }

    private func recordDelivered(_ ticket: Ticket) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE fileSet SET state = 'routed', settledAt = ?, deferralReason = NULL, deferralSentence = NULL
                WHERE ticket = ? AND state = 'accepted'
                """)
        try statement.execute(arguments: [now.timeIntervalSince1970, ticket.description])
        try requireChange(ticket, "waiting for its delivery")
    }

    /// The held bytes of a settled set are gone.
    func retire(_ ticket: Ticket) throws {
        let statement = try db.cachedStatement(
            sql:
                "UPDATE fileSet SET retiredAt = ? WHERE ticket = ? AND settledAt IS NOT NULL AND retiredAt IS NULL"
        )
        try statement.execute(arguments: [now.timeIntervalSince1970, ticket.description])
    }

    func seq(of ticket: Ticket) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT seq FROM fileSet WHERE ticket = ?")
        guard let seq = try Int64.fetchOne(statement, arguments: [ticket.description]) else {
            throw SpoolFault(.unknownTicket, "No set has the ticket \(ticket).")
        }
        return seq
    }

    private func requireUndecided(_ seq: Int64, _ ticket: Ticket) throws {
        let statement = try db.cachedStatement(
            sql: "SELECT 1 FROM fileSet WHERE seq = ? AND state = 'received'")
        guard try Bool.fetchOne(statement, arguments: [seq]) == true else {
            throw SpoolFault(.wrongState, "The set \(ticket) is not waiting for its decision.")
        }
    }

    private func sender(of ticket: Ticket) throws -> SenderNumber {
        let statement = try db.cachedStatement(sql: "SELECT sender FROM fileSet WHERE ticket = ?")
        let text = try String.fetchOne(statement, arguments: [ticket.description]) ?? ""
        return try Ledger.decoded(SenderNumber(text), "sender", try seq(of: ticket))
    }

    private func destination(_ name: String) throws -> Int64? {
        let query = try db.cachedStatement(sql: "SELECT id FROM destination WHERE name = ?")
        if let known = try Int64.fetchOne(query, arguments: [name]) { return known }
        try db.cachedStatement(sql: "INSERT INTO destination (name) VALUES (?)").execute(arguments: [name])
        return db.lastInsertedRowID
    }

    private func requireChange(_ ticket: Ticket, _ state: String) throws {
        if db.changesCount == 1 { return }
        _ = try seq(of: ticket)
        throw SpoolFault(.wrongState, "The set \(ticket) is not \(state).")
    }
}

/// What a change of the ledger allows that had to wait for it.
struct Unblocked: Sendable {
    /// The next set of the same sender and name.
    var undecided: (set: UndecidedSet, dueAt: Date)?
    /// The oldest undelivered sets of the sender, one for each destination.
    var undelivered: [WaitingSets.Head] = []
    /// An answer to publish.
    var answer: IssuedAnswer?
    /// One to publish again.
    var reissued: AnswerToPublish?
}
