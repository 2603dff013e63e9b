public import Exchange
internal import Foundation
internal import GRDB

extension Spool: AnswerShelf {
    public func answers(
        of sender: SenderNumber, after cursor: Int64, unconfirmedOnly: Bool, limit: Int
    ) throws(HomeFault) -> [ShelvedAnswer] {
        let limit = min(max(limit, 1), 1000)
        let answers = try reading { db in
            try ShelfReading(db: db).answers(
                of: sender, after: cursor, unconfirmedOnly: unconfirmedOnly, limit: limit)
        }
        note(answers.fault)
        return answers.values
    }

    public func answer(_ stem: String, of sender: SenderNumber) throws(HomeFault) -> ShelvedAnswer? {
        try reading { try ShelfReading(db: $0).answer(stem, of: sender) }
    }

    /// Returns when that is durable.
    public func confirm(_ answer: ShelvedAnswer) throws(HomeFault) {
        try noteTaken(answer.ticket)
    }

    /// Returns when that is durable.
    public func remove(_ answer: ShelvedAnswer) throws(HomeFault) {
        do throws(SystemFault) {
            for prefix in AnswerStem.prefixes.reversed() {
                guard let name = FileName("\(prefix).\(answer.stem)") else { continue }
                _ = try outgoing.remove(name.escaped, in: answer.mailbox, of: answer.sender)
            }
        } catch {
            throw error.homeFault
        }
        let now = ground.clock()
        do {
            try committer.commit { db in
                try AnswerWriting(db: db, now: now).noteDeleted(answer.stem, of: answer.sender)
            }
        } catch {
            throw .failed(error.sentence)
        }
    }

    /// Each damaged answer is told of once.
    func note(_ fault: (any Error)?) {
        if let fault { answerFaults.note(fault, of: "\(fault)") }
    }

    func noteTaken(_ ticket: Ticket) throws(HomeFault) {
        let now = ground.clock()
        do {
            try committer.commit { try AnswerWriting(db: $0, now: now).noteTaken(ticket) }
        } catch {
            throw .failed(error.sentence)
        }
    }

    func reading<Value>(_ body: (Database) throws -> Value) throws(HomeFault) -> Value {
        do {
            return try ledger.read(body)
        } catch {
            throw .failed(error.sentence)
        }
    }
}
