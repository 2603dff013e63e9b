internal import Exchange
internal import Foundation
internal import GRDB
internal import Logging

/// Looks after what grows old: incomplete sets are sealed so that they are answered, held bytes of settled
/// sets, old answers and old consignments are removed. Nothing a sender handed over goes away unanswered.
final class Sweeper: Sendable {
    private static let batch = 500

    private let ground: HomeGround
    private let registry: HomeRegistry
    private let ledger: Ledger
    private let outgoing: OutgoingFiles
    private let dueTimes: DueTimes
    private let ticketFaults: FaultLog
    /// Nudged when sets were settled.
    let ticker = Ticker()

    init(
        ground: HomeGround, registry: HomeRegistry, ledger: Ledger, outgoing: OutgoingFiles,
        dueTimes: DueTimes
    ) {
        self.ground = ground
        self.registry = registry
        self.ledger = ledger
        self.outgoing = outgoing
        self.dueTimes = dueTimes
        ticketFaults = FaultLog("no tickets can be reserved", ground.logger)
    }

    /// A thread's body: retires settled sets soon after they are settled, and sweeps every interval.
    func run() {
        var nextSweep = SteadyTime.now + ground.limits.sweepInterval
        while ticker.wait(nextSweep - SteadyTime.now) {
            if SteadyTime.now >= nextSweep {
                sweep()
                nextSweep = SteadyTime.now + ground.limits.sweepInterval
            } else {
                // Many sets are settled at about the same time; a short pause lets them share one commit.
                Thread.sleep(forTimeInterval: 0.05)
                note("held bytes not removed") { () throws(SpoolFault) in try retire() }
            }
        }
    }

    /// The body of the thread that watches GOs waiting for the rest of their set.
    func runEarlyTriggers() {
        let pause = min(0.25, max(0.01, ground.limits.earlyTriggerWait / 4))
        while ground.watch.ticker.wait(ground.watch.waiting.isEmpty ? nil : pause) {
            sealOverdue()
        }
    }

    func sealOverdue() {
        for home in ground.watch.waiting {
            fillTickets()
            home.sealOverdue()
        }
    }

    /// Everything once.
    func sweep() {
        note("clock not followed") { () throws(SpoolFault) in try dueTimes.followClock() }
        for home in ground.watch.occupied {
            fillTickets()
            home.sealIncomplete()
        }
        registry.prune()
        discardConsignments()
        note("held bytes not removed") { () throws(SpoolFault) in try retire() }
        note("old answers not removed") { () throws(SpoolFault) in try expireAnswers() }
        note("old marks not removed") { () throws(SpoolFault) in try forgetMarks() }
    }

    private func discardConsignments() {
        let limit = ground.steady().addingTimeInterval(-ground.limits.consignmentRetention)
        for consignment in ground.noted.all { consignment.discard(unchangedSince: limit) }
    }

    private func forgetMarks() throws(SpoolFault) {
        let limit = ground.clock().addingTimeInterval(-ground.limits.markRetention)
        var count = Sweeper.batch
        while count == Sweeper.batch {
            count = try ground.committer.commit(isPatient: true) { db in
                try HandoverWriting(db: db).forget(keptUpTo: limit, limit: Sweeper.batch)
            }
        }
    }

    /// Many sets may be sealed at once; what finds no ticket waits for the next round.
    private func fillTickets() {
        do {
            try ground.tickets.fill()
            ticketFaults.note(nil, of: "tickets")
        } catch {
            ticketFaults.note(error, of: "tickets")
        }
    }

    private func note(_ text: String, _ body: () throws(SpoolFault) -> Void) {
        do {
            try body()
        } catch {
            if error.code == .closed { return }
            ground.logger.error("\(text)", metadata: ["fault": "\(error)"])
        }
    }

    /// Removes the bytes of settled sets whose answer is published, then notes it.
    private func retire() throws(SpoolFault) {
        let sets = HeldSets(held: ground.disk.held)
        while true {
            let now = ground.clock()
            let limit = now.timeIntervalSince1970 - ground.limits.heldRetention
            let tickets = try ledger.read { try Sweeper.retirable($0, settledBefore: limit) }
            do {
                for ticket in tickets { try sets.remove(ticket) }
            } catch {
                throw error.spoolFault
            }
            guard !tickets.isEmpty else { return }
            try ground.committer.commit(isPatient: true) { db in
                for ticket in tickets { try SetWriting(db: db, now: now).retire(ticket) }
            }
            if tickets.count < Sweeper.batch { return }
        }
    }

    private static func retirable(_ db: Database, settledBefore limit: Double) throws -> [Ticket] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT ticket FROM fileSet WHERE settledAt IS NOT NULL AND retiredAt IS NULL AND settledAt <= ?
                AND NOT EXISTS (SELECT 1 FROM answer WHERE setSeq = fileSet.seq AND answer.state = 'issued')
                ORDER BY settledAt LIMIT ?
                """)
        return try String.fetchAll(statement, arguments: [limit, batch]).compactMap { Ticket($0) }
    }

    /// One whose row makes no sense keeps its files, as their names may be those of others, and is told of at the end.
    private func expireAnswers() throws(SpoolFault) {
        let now = ground.clock()
        let limit = now.timeIntervalSince1970 - ground.limits.answerRetention
        var place: (publishedAt: Double, id: Int64)? = (-.infinity, 0)
        var fault: (any Error)?
        while let last = place {
            let found = try ledger.read { try Sweeper.expired($0, publishedBefore: limit, after: last) }
            try expire(found.answers.values, at: now)
            fault = found.answers.fault ?? fault
            place = found.last
        }
        if let fault { throw SpoolFault(ledgerError: fault) }
    }

    private func expire(_ answers: [IssuedAnswer], at now: Date) throws(SpoolFault) {
        guard !answers.isEmpty else { return }
        do {
            for answer in answers {
                // The GO first: a reader never sees a GO whose FO is gone.
                for (name, _) in answer.files.reversed() {
                    _ = try outgoing.remove(name, in: answer.mailbox, of: answer.sender)
                }
            }
        } catch {
            throw error.spoolFault
        }
        let ids = answers.map(\.id)
        try ground.committer.commit(isPatient: true) { db in
            for id in ids { try AnswerWriting(db: db, now: now).noteExpired(id) }
        }
    }

    /// The next answers, and the last one looked at; nil when there are no more.
    private static func expired(
        _ db: Database, publishedBefore limit: Double, after last: (publishedAt: Double, id: Int64)
    ) throws -> (answers: Readable<IssuedAnswer>, last: (publishedAt: Double, id: Int64)?) {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, publishedAt FROM answer WHERE state IN ('published', 'taken') AND publishedAt <= ?
                AND (publishedAt, id) > (?, ?) ORDER BY publishedAt, id LIMIT ?
                """)
        let rows = try Row.fetchAll(statement, arguments: [limit, last.publishedAt, last.id, batch])
        var answers = Readable<IssuedAnswer>()
        for row in rows { try answers.append { try IssuedAnswer(row.decode(forColumn: "id"), from: db) } }
        guard let end = rows.last, rows.count == batch else { return (answers, nil) }
        return (answers, (try end.decode(forColumn: "publishedAt"), try end.decode(forColumn: "id")))
    }
}
