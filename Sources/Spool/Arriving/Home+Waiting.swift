internal import Exchange
internal import Foundation

// What happens to files that wait: early GOs, incomplete sets, what is found at opening.
extension Home {
    /// Answers whoever sent an early GO, once; nobody waits any more when its set was sealed or cancelled
    /// meanwhile.
    func answerEarly(_ name: FileName, in mailbox: Mailbox, _ result: Result<Void, HomeFault>) {
        let completion = try? inside(mailbox) { arrivals throws(HomeFault) in
            arrivals.takeEarlyCompletion(name)
        }
        completion?(result)
    }

    /// Makes an early GO durable, then answers it. On a syncing thread.
    func syncEarly(_ name: FileName, in mailbox: Mailbox) {
        do {
            try files.open(name, in: mailbox, forWriting: false).sync()
            try files.syncDirectories(mailbox)
            answerEarly(name, in: mailbox, .success(()))
        } catch {
            answerEarly(name, in: mailbox, .failure(error.homeFault))
        }
    }

    /// Makes it durable that the files of a cancelled set are gone, then answers its TD. On a syncing thread.
    func syncCancelled(_ mailbox: Mailbox, _ completion: Completion) {
        do {
            try files.syncDirectories(mailbox)
            completion(.success(()))
        } catch {
            completion(.failure(error.homeFault))
        }
    }

    /// Seals the sets whose early GO has waited long enough with nothing of the set being written or closed.
    func sealOverdue() {
        for mailbox in Mailbox.allCases where mailbox.takesUploads {
            let consequences = try? inside(mailbox) { arrivals throws(HomeFault) in
                var consequences = Consequences()
                for (name, trigger) in arrivals.early {
                    sealWhenOverdue(name, trigger, in: mailbox, &arrivals, &consequences)
                }
                return consequences
            }
            if let consequences { follow(consequences, in: mailbox) }
        }
    }

    private func sealWhenOverdue(
        _ name: FileName, _ trigger: EarlyTrigger, in mailbox: Mailbox, _ arrivals: inout Arrivals,
        _ consequences: inout Consequences
    ) {
        guard let early = arrivals[name] else { return }
        let members = arrivals.members(of: trigger.set, early.name.stem)
        let now = ground.steady()
        let since = ground.wait(since: trigger.since, by: sender)
        guard now.timeIntervalSince(since) >= ground.limits.earlyTriggerWait,
            members.allSatisfy({ arrivals[$0]?.isQuiet(at: now, ground.limits) ?? true })
        else { return }
        let seal = Seal(name: name, trigger: name, members: members, channel: early.channel)
        self.seal(seal, in: mailbox, &arrivals, [trigger.completion], &consequences)
        if trigger.isCharged { consequences.owed -= 1 }
    }

    /// The GOs found on the disk at opening wait as early ones: nothing tells any more whether the files of
    /// their sets were closed, and who was writing may come back and go on.
    func resumeTriggers() {
        for mailbox in Mailbox.allCases where mailbox.takesUploads {
            let all = try? inside(mailbox) { arrivals throws(HomeFault) in
                var all: [Consequences] = []
                let telling = arrivals.files.filter { $0.value.name.tells }.keys
                for name in telling.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
                    all.append(effect(ofClosing: name, in: mailbox, &arrivals, nil))
                }
                return all
            }
            for consequences in all ?? [] { follow(consequences, in: mailbox) }
        }
    }

    /// Seals what has lain untouched for the incomplete delay, so that it is answered and not dropped: the
    /// files of one set together, any other file alone. Without a GO that was closed, such a set has no
    /// trigger (130).
    func sealIncomplete() {
        let cutoff = ground.steady().addingTimeInterval(-ground.limits.incompleteDelay)
        for mailbox in Mailbox.allCases where mailbox.takesUploads {
            let consequences = try? inside(mailbox) { arrivals throws(HomeFault) in
                var consequences = Consequences()
                for names in incomplete(arrivals) {
                    let files = names.compactMap { arrivals[$0] }
                    guard files.allSatisfy({ $0.lastActivity < cutoff && $0.writesUnderWay == 0 }) else {
                        continue
                    }
                    sealIncomplete(names, in: mailbox, &arrivals, &consequences)
                }
                return consequences
            }
            if let consequences { follow(consequences, in: mailbox) }
        }
    }

    /// The files that would be sealed together, one group a set; GOs that wait are left to their own time.
    private func incomplete(_ arrivals: Arrivals) -> [[FileName]] {
        var sets: [String: [FileName]] = [:]
        var groups: [[FileName]] = []
        for (name, arrival) in arrivals.files where arrivals.early[name] == nil {
            switch arrival.name.role {
            case .part(let part): sets[part.set.identity, default: []].append(name)
            case .trigger(let set): sets[set.identity, default: []].append(name)
            default: groups.append([name])
            }
        }
        return groups + sets.values.map { $0.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) } }
    }

    private func sealIncomplete(
        _ names: [FileName], in mailbox: Mailbox, _ arrivals: inout Arrivals,
        _ consequences: inout Consequences
    ) {
        let trigger = names.first { arrivals[$0]?.name.isTrigger == true }
        let members = names.filter { arrivals[$0]?.name.isTrigger == false }
        guard let first = trigger ?? members.first, let arrival = arrivals[first] else { return }
        let name = trigger ?? arrival.name.partSet?.triggerName ?? first
        var seal = Seal(name: name, trigger: trigger, members: members, channel: arrival.channel)
        seal.hasTrigger = trigger != nil && arrival.isClosed
        self.seal(seal, in: mailbox, &arrivals, [], &consequences)
    }
}
