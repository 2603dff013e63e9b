public import Exchange
internal import GRDB

public import typealias Foundation.TimeInterval

extension Spool {
    public func answersWaiting(
        for channel: ChannelKind, of sender: SenderNumber?, limit: Int
    ) throws(HomeFault) -> [WaitingAnswer] {
        let answers = try reading {
            try ShelfReading(db: $0).waiting(for: channel, of: sender, limit: limit)
        }
        note(answers.fault)
        return answers.values
    }

    public func noteTaken(_ answer: WaitingAnswer) throws(HomeFault) {
        try noteTaken(answer.ticket)
    }

    /// Calls `completion` once: when the receipt of the set, or of the set it repeats, can be read (at once
    /// when it can already), after `seconds` (at most a day), or when the spool is closed. On a thread of the
    /// spool that must not be blocked. Reads the ledger on the caller's thread.
    public func whenAnswered(
        _ ticket: Ticket, within seconds: TimeInterval, completion: @escaping @Sendable () -> Void
    ) {
        guard let waiter = watch.add(ticket, within: seconds, completion) else { return }
        // Looked up when the waiter is in its place, and again when that changed, so that no publication is
        // missed.
        var place = ticket
        while let receipt = try? ledger.receipt(for: ticket) {
            if receipt.isReadable { return watch.tell(waiter) }
            if receipt.of == place { return }
            place = receipt.of
            watch.move(waiter, to: place)
        }
    }
}

extension Ledger {
    /// Whose receipt answers a set, and whether it can be read; nil when there is no such set.
    func receipt(for ticket: Ticket) throws(SpoolFault) -> (of: Ticket, isReadable: Bool)? {
        try read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT first.seq, first.ticket, coalesce(answer.state IN ('published', 'taken'), 0) AS isReadable
                    FROM fileSet
                    JOIN fileSet AS first ON first.seq = coalesce(fileSet.repeatOf, fileSet.seq)
                    LEFT JOIN answer ON answer.setSeq = first.seq AND answer.kind = 'receipt'
                    WHERE fileSet.ticket = ?
                    """)
            guard let row = try Row.fetchOne(statement, arguments: [ticket.description]) else { return nil }
            let seq: Int64 = try row.decode(forColumn: "seq")
            let first = try Ledger.decoded(
                Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", seq)
            return (first, try row.decode(forColumn: "isReadable"))
        }
    }
}
