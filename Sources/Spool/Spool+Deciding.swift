public import Exchange
internal import GRDB

public import struct Foundation.Date

extension Spool {
    /// Waits for a set that is due for its decision and leases it to the caller until it is recorded,
    /// postponed or held; nil once nothing more is handed out. Senders take turns; the sets of one come as they
    /// become due, which is the order of their reception unless they were put off; one whose sender has an earlier undecided set of the same name waits for that one.
    public func nextUndecided() -> UndecidedSet? {
        undecided.take()?.item
    }

    /// Where the held bytes of a part lie.
    public func path(of part: SealedSet.Part, in ticket: Ticket) -> String {
        "\(ground.disk.root)/held/\(ticket)/\(part.name.escaped)"
    }

    /// The set that binds the name: accepted, and not itself a repeat.
    public func accepted(named name: FileName, by sender: SenderNumber) throws(SpoolFault) -> AcceptedSet? {
        try ledger.accepted(named: name, by: sender)
    }

    /// Records a decision and its receipt in one transaction; returns when it is durable. The receipt is then
    /// published in the background.
    ///
    /// - Throws: `.wrongState` when the set is not waiting for its decision, `.unfitDecision` when decision
    ///   and receipt do not fit each other; the set keeps waiting then.
    public func record(_ decision: RecordedDecision, for set: SealedSet) throws(SpoolFault) {
        try decision.requireFit()
        let now = ground.clock()
        let unblocked: Unblocked
        do {
            unblocked = try committer.commit { try SetWriting(db: $0, now: now).decide(decision, for: set) }
        } catch {
            // It was decided already: nobody is to have it any more.
            if error.code == .wrongState { undecided.free(set.ticket) }
            throw error
        }
        undecided.free(set.ticket)
        switch decision.outcome {
        case .accepted: ground.forgive(set.sender)
        case .refused: ground.charge(set.sender)
        case .repeated(let first):
            ground.charge(set.sender)
            watch.noteRepeat(set.ticket, of: first)
        }
        follow(unblocked)
    }

    /// Has an undecided or undelivered set wait, with the reason.
    public func postpone(_ ticket: Ticket, _ deferral: Deferral, until due: Date) throws(SpoolFault) {
        let now = ground.clock()
        do {
            try committer.commit { try SetWriting(db: $0, now: now).postpone(ticket, deferral, until: due) }
        } catch {
            undecided.keep(ticket, until: due)
            undelivered.keep(ticket, until: due)
            throw error
        }
        undecided.free(ticket, due: due)
        undelivered.free(ticket, due: due)
    }

    /// Gives an undecided or undelivered set to an operator, until `release`. When that cannot be noted, the
    /// set is soon handed out again.
    public func hold(_ ticket: Ticket, _ deferral: Deferral) throws(SpoolFault) {
        let now = ground.clock()
        let unblocked: Unblocked
        do {
            unblocked = try committer.commit { try SetWriting(db: $0, now: now).hold(ticket, deferral) }
        } catch {
            let due = now.addingTimeInterval(Spool.retryPause)
            undecided.keep(ticket, until: due)
            undelivered.keep(ticket, until: due)
            throw error
        }
        undecided.free(ticket)
        undelivered.free(ticket)
        follow(unblocked)
    }

    /// As `hold`, for whoever has no lease.
    ///
    /// - Throws: `.inHand` when somebody decides or delivers the set just now, `.wrongState` when it does not wait.
    public func withhold(_ ticket: Ticket, _ deferral: Deferral) throws(SpoolFault) {
        let inHand = SpoolFault(.inHand, "The set \(ticket) is being decided or delivered just now.")
        guard undecided.lease(ticket) else { throw inHand }
        guard undelivered.lease(ticket) else {
            undecided.free(ticket)
            throw inHand
        }
        try hold(ticket, deferral)
    }

    /// Has a deferred set tried at once.
    ///
    /// - Throws: `.wrongState` when it waits for no step.
    public func requeue(_ ticket: Ticket) throws(SpoolFault) {
        let now = ground.clock()
        try committer.commit { try SetWriting(db: $0, now: now).requeue(ticket) }
        undecided.noteDue(now)
        undelivered.noteDue(now)
    }

    /// Gives a held set back to the step it was held at, due at once.
    public func release(_ ticket: Ticket) throws(SpoolFault) {
        let now = ground.clock()
        try committer.commit { try SetWriting(db: $0, now: now).release(ticket) }
        undecided.noteDue(now)
        undelivered.noteDue(now)
    }

    /// Waits for an accepted set that is due for delivery and leases it to the caller until it is delivered,
    /// postponed or held; nil once nothing more is handed out. The sets of one sender for one destination
    /// come strictly in the order of their reception, and none before an earlier set of that sender is
    /// decided; a held set holds up no other.
    public func nextUndelivered() -> UndeliveredSet? {
        nextUndelivered(atMost: 1)?.first
    }

    /// The same, with those that may be delivered right after it, in their order and for the same destination, `limit`
    /// in all. They are leased with the first, until that is delivered, postponed or held.
    public func nextUndelivered(atMost limit: Int) -> [UndeliveredSet]? {
        while let entry = undelivered.take() {
            do {
                // Leased before they are read: what an operator took from the line until then is not in it any more.
                let line = try ledger.line(behind: entry.ticket, atMost: limit - 1, at: ground.clock())
                let tickets = [entry.ticket] + undelivered.lease(line, with: entry.ticket)
                let sets = try ledger.undelivered(tickets)
                deliveryFaults.note(nil, of: "\(entry.ticket)")
                if sets.first?.set.ticket == entry.ticket { return sets }
                undelivered.free(entry.ticket)
            } catch {
                deliveryFaults.note(error, of: "\(entry.ticket)")
                undelivered.keep(entry.ticket, until: ground.clock().addingTimeInterval(Spool.retryPause))
            }
        }
        return nil
    }

    /// The destination has the set durably; returns when that is noted durably.
    public func recordDelivered(_ ticket: Ticket) throws(SpoolFault) {
        try recordDelivered([ticket])
    }

    /// The same of several sets of one sender: of all, or of none.
    public func recordDelivered(_ tickets: [Ticket]) throws(SpoolFault) {
        let now = ground.clock()
        let unblocked = try committer.commit(isPatient: true) {
            try SetWriting(db: $0, now: now).recordDelivered(tickets)
        }
        for ticket in tickets { undelivered.free(ticket) }
        follow(unblocked)
        sweeper.ticker.nudge()
    }

    /// Publishes the receipt of a set again, under its first name, in the background; for a repeat the
    /// receipt of the set it repeats.
    public func republish(_ ticket: Ticket) throws(SpoolFault) {
        let now = ground.clock()
        let answer = try committer.commit { db in
            let seq = try SetWriting(db: db, now: now).seq(of: ticket)
            let first = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT coalesce(repeatOf, seq) FROM fileSet WHERE seq = ?"),
                arguments: [seq])
            return try AnswerWriting(db: db, now: now).reissue(for: first ?? seq)
        }
        publisher.publish(answer)
    }

    private func follow(_ unblocked: Unblocked) {
        let now = ground.clock()
        if let (set, dueAt) = unblocked.undecided {
            if dueAt <= now {
                undecided.add(.init(set))
            } else {
                undecided.noteDue(dueAt)
            }
        }
        for head in unblocked.undelivered {
            if head.dueAt <= now {
                undelivered.add(.init(ticket: head.ticket, sender: head.sender, item: ()))
            } else {
                undelivered.noteDue(head.dueAt)
            }
        }
        if let answer = unblocked.answer { publisher.publish(answer) }
        if let answer = unblocked.reissued { publisher.publish(answer) }
    }
}

extension RecordedDecision {
    /// - Throws: `.unfitDecision` when there is a receipt for a repeat, or none for anything else, or one
    ///   that cannot be named or published.
    func requireFit() throws(SpoolFault) {
        if case .repeated = outcome {
            if receipt != nil { throw SpoolFault(.unfitDecision, "A repeat has no receipt of its own.") }
            return
        }
        guard let receipt else { throw SpoolFault(.unfitDecision, "An outcome needs its receipt.") }
        guard Purpose(receipt.purpose) != nil else {
            throw SpoolFault(.unfitDecision, "A receipt cannot have that purpose.")
        }
        if receipt.mailbox.takesUploads {
            throw SpoolFault(.unfitDecision, "A receipt cannot be published in \(receipt.mailbox.rawValue).")
        }
    }
}
