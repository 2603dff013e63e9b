internal import Exchange
internal import Foundation
internal import Logging

// What closing a file, or renaming it into place, means by its name.
extension Home: SealSource {
    /// Under the lock.
    func effect(
        ofClosing name: FileName, in mailbox: Mailbox, _ arrivals: inout Arrivals, _ completion: Completion?
    ) -> Consequences {
        var consequences = Consequences()
        guard let arrival = arrivals[name] else { return consequences }
        switch arrival.name.role {
        case .trigger(let set):
            let members = arrivals.members(of: set, arrival.name.stem)
            if arrivals.isComplete(set, members) {
                let seal = Seal(name: name, trigger: name, members: members, channel: arrival.channel)
                self.seal(seal, in: mailbox, &arrivals, [completion], &consequences)
            } else {
                // One found at opening was charged by an earlier process.
                let isNew = completion != nil
                arrivals.keep(
                    EarlyTrigger(
                        set: set, since: ground.steady(), isCharged: isNew, completion: completion),
                    named: name)
                consequences.early = name
                if isNew { consequences.owed += 1 }
            }
        case .brokenTrigger:
            let members = arrivals.members(withStem: arrival.name.stem).filter {
                arrivals[$0]?.isBusy == false
            }
            let seal = Seal(name: name, trigger: name, members: members, channel: arrival.channel)
            self.seal(seal, in: mailbox, &arrivals, [completion], &consequences)
        case .cancellation(let set):
            cancel(set, by: name, in: mailbox, &arrivals, completion, &consequences)
        case .stranger:
            let seal = Seal(name: name, trigger: nil, members: [name], channel: arrival.channel)
            self.seal(seal, in: mailbox, &arrivals, [completion], &consequences)
        case .part, .plain:
            complete(arrival, in: mailbox, &arrivals, completion, &consequences)
        case .temporary:
            consequences.answer(completion)
        }
        return consequences
    }

    /// Seals the set whose early GO waited for this file only; its closing is then answered with the set.
    private func complete(
        _ arrival: Arrival, in mailbox: Mailbox, _ arrivals: inout Arrivals, _ completion: Completion?,
        _ consequences: inout Consequences
    ) {
        for (name, trigger) in arrivals.early(withStem: arrival.name.stem) {
            guard let early = arrivals[name], arrival.name.belongs(to: trigger.set, early.name.stem) else {
                continue
            }
            let members = arrivals.members(of: trigger.set, early.name.stem)
            guard arrivals.isComplete(trigger.set, members) else { continue }
            let seal = Seal(name: name, trigger: name, members: members, channel: early.channel)
            self.seal(seal, in: mailbox, &arrivals, [trigger.completion, completion], &consequences)
            if trigger.isCharged { consequences.owed -= 1 }
            return
        }
        consequences.answer(completion)
    }

    /// A TD takes everything of its set that is not sealed, and itself (domain 9.7).
    private func cancel(
        _ set: SetName, by name: FileName, in mailbox: Mailbox, _ arrivals: inout Arrivals,
        _ completion: Completion?,
        _ consequences: inout Consequences
    ) {
        let stem = arrivals[name]?.name.stem
        do {
            for member in arrivals.members(of: set, stem) + arrivals.triggers(of: set, stem) + [name] {
                consequences.answer(try discard(member, in: mailbox, &arrivals))
            }
            consequences.cancelled = completion
        } catch {
            consequences.answer(completion, .failure(error.homeFault))
        }
    }

    /// Removes a file; returns who waited for it as an early GO.
    func discard(
        _ name: FileName, in mailbox: Mailbox, _ arrivals: inout Arrivals
    ) throws(SystemFault) -> Completion? {
        guard let arrival = arrivals[name] else { return nil }
        try files.remove(name, in: mailbox, over: arrival.channel)
        return arrivals.remove(name)?.early?.completion
    }

    /// A set about to be sealed.
    struct Seal {
        let name: FileName
        /// The GO, when there is one.
        let trigger: FileName?
        var hasTrigger = true
        let members: [FileName]
        let channel: ChannelKind

        init(name: FileName, trigger: FileName?, members: [FileName], channel: ChannelKind) {
            self.name = name
            self.trigger = trigger
            self.members = members
            self.channel = channel
            hasTrigger = trigger != nil
        }
    }

    /// Moves the files of a set to its held directory and out of the listing. When that fails they stay, and
    /// a GO among them waits and is tried again.
    func seal(
        _ seal: Seal, in mailbox: Mailbox, _ arrivals: inout Arrivals, _ completions: [Completion?],
        _ consequences: inout Consequences
    ) {
        let members = ArrivalName.bounded(seal.members)
        let waiting = completions.compactMap { $0 }
        do {
            let ticket = try ground.tickets.next()
            try move(members, trigger: seal.trigger, to: ticket, over: seal.channel, in: mailbox)
            let parts = members.compactMap { name in
                arrivals[name].map {
                    SealJob.Part(name: name, $0)
                }
            }
            for name in members + [seal.trigger].compactMap({ $0 }) {
                guard let arrival = arrivals.remove(name)?.arrival else { continue }
                // A companion left behind is removed when the home is next built from the disk.
                try? files.forget(arrival.channel, of: name, in: mailbox)
            }
            order.enter(ticket)
            consequences.jobs.append(
                SealJob(
                    source: self, ticket: ticket, channel: seal.channel, mailbox: mailbox,
                    receivedAt: ground.clock(), name: seal.name, hasTrigger: seal.hasTrigger,
                    trigger: seal.trigger, parts: parts, completions: waiting))
        } catch {
            let fault = (error as? SystemFault)?.homeFault ?? .failed("\(error)")
            if let trigger = seal.trigger, let set = arrivals[trigger]?.name.set {
                arrivals.keep(EarlyTrigger(set: set, since: ground.steady()), named: trigger)
            }
            for completion in waiting { consequences.answer(completion, .failure(fault)) }
        }
    }

    private func move(
        _ members: [FileName], trigger: FileName?, to ticket: Ticket, over channel: ChannelKind,
        in mailbox: Mailbox
    ) throws {
        let sets = HeldSets(held: ground.disk.held)
        let origin = HeldSets.Origin(sender: sender, channel: channel, mailbox: mailbox)
        var moves = members.map { (from: files.path($0, mailbox), to: sets.path($0, ticket)) }
        if let trigger {
            let path = sets.triggerPath(trigger, ticket, from: origin)
            moves.insert((from: files.path(trigger, mailbox), to: path), at: 0)
        }
        try sets.make(ticket, from: origin, trigger)
        var done = 0
        do {
            for move in moves {
                try ground.disk.arriving.move(move.from, to: ground.disk.held, move.to)
                done += 1
            }
        } catch {
            // The origin last: what cannot be moved back now is put back when the spool is next opened.
            for move in moves.prefix(done).reversed() {
                try ground.disk.held.move(move.to, to: ground.disk.arriving, move.from)
            }
            try sets.abandon(ticket, from: origin)
            throw error
        }
    }

    /// As if nothing had happened; a GO waits and is tried again. A file that has been sent again meanwhile
    /// stands instead of the older one.
    func putBack(_ job: SealJob, isSuspect: Bool) {
        let sets = HeldSets(held: ground.disk.held)
        let origin = HeldSets.Origin(sender: sender, channel: job.channel, mailbox: job.mailbox)
        do {
            try inside(job.mailbox) { arrivals throws(HomeFault) in
                do throws(SystemFault) {
                    for part in job.parts {
                        try putBack(
                            part.name, from: sets.path(part.name, job.ticket), job, part.digest, isSuspect,
                            &arrivals)
                    }
                    if let trigger = job.trigger {
                        try putBack(
                            trigger, from: sets.triggerPath(trigger, job.ticket, from: origin), job, nil,
                            isSuspect, &arrivals)
                        keepWaiting(trigger, &arrivals)
                    }
                    try sets.remove(job.ticket)
                } catch {
                    throw error.homeFault
                }
            }
        } catch {
            ground.logger.error(
                "files of a set that could not be sealed stay in its held directory until the spool is next opened",
                metadata: ["ticket": "\(job.ticket)", "fault": "\(error)"])
        }
    }

    func syncNames(of job: SealJob) throws(SystemFault) {
        try ground.disk.arriving.sync(files.path(job.mailbox))
    }

    private func keepWaiting(_ trigger: FileName, _ arrivals: inout Arrivals) {
        // One that was sent again meanwhile waits already, and whoever sent it for an answer.
        guard case .trigger(let set)? = arrivals[trigger]?.name.role, arrivals[trigger]?.isBusy == false,
            arrivals.early[trigger] == nil
        else { return }
        arrivals.keep(EarlyTrigger(set: set, since: ground.steady()), named: trigger)
    }

    private func putBack(
        _ name: FileName, from path: String, _ job: SealJob, _ digest: Digest?, _ isSuspect: Bool,
        _ arrivals: inout Arrivals
    ) throws(SystemFault) {
        guard arrivals[name] == nil else {
            try ground.disk.held.remove(path)
            return
        }
        try files.note(job.channel, of: name, in: job.mailbox)
        try ground.disk.held.move(path, to: ground.disk.arriving, files.path(name, job.mailbox))
        let size = try ground.disk.arriving.status(files.path(name, job.mailbox))?.size ?? 0
        var arrival = Arrival(
            name: ArrivalName(name), serial: ground.serial(), channel: job.channel, size: size,
            lastActivity: ground.steady(), isClosed: true)
        arrival.digest = digest
        arrival.isSuspect = isSuspect
        arrivals.insert(arrival, named: name)
    }
}
