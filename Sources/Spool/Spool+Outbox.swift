public import Exchange
internal import Foundation
internal import GRDB

extension Spool {
    public func answersWaiting(for channel: ChannelKind, limit: Int) throws(HomeFault) -> [WaitingAnswer] {
        do {
            return try ledger.waitingAnswers(for: channel, limit: limit)
        } catch {
            throw .failed(error.sentence)
        }
    }

    public func noteTaken(_ answer: WaitingAnswer) throws(HomeFault) {
        let now = ground.clock()
        do {
            try committer.commit { try AnswerWriting(db: $0, now: now).noteTaken(answer.ticket) }
        } catch {
            throw .failed(error.sentence)
        }
    }
}

extension Ledger {
    func waitingAnswers(for channel: ChannelKind, limit: Int) throws(SpoolFault) -> [WaitingAnswer] {
        try read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT answer.id, answer.sender, answer.mailbox, answer.stem, fileSet.ticket
                    FROM answer JOIN fileSet ON fileSet.seq = answer.setSeq
                    WHERE answer.state = 'published' AND answer.channel = ?
                    ORDER BY answer.publishedAt, answer.id LIMIT ?
                    """)
            return try Row.fetchAll(statement, arguments: [channel.rawValue, limit]).map { row in
                let id: Int64 = row["id"]
                let stem: String = row["stem"]
                return WaitingAnswer(
                    sender: try Ledger.decoded(SenderNumber(row["sender"] as String), "sender", id),
                    mailbox: try Ledger.decoded(Mailbox(rawValue: row["mailbox"]), "mailbox", id),
                    files: AnswerStem.prefixes.compactMap { FileName("\($0).\(stem)") },
                    ticket: try Ledger.decoded(Ticket(row["ticket"] as String), "ticket", id))
            }
        }
    }
}
