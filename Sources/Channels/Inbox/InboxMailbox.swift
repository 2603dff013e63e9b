internal import Exchange
internal import Logging

/// One look into one incoming directory: hands in what is ready, and removes at the server what is sealed.
///
/// A set is sealed under a mark first and removed afterwards, GO first; when the files are gone the mark is forgotten.
/// After a crash in between, the mark tells that what lies there was sealed.
struct InboxMailbox {
    /// Sets taken in one look; more wait for the next, so that other accounts have their turn.
    static let most = 64

    let ground: InboxGround
    let account: InboxAccount
    let mailbox: Mailbox
    let path: RemotePath
    let line: InboxLine
    var memory: MailboxMemory
    var listing = InboxListing()

    init(
        _ mailbox: Mailbox, at path: RemotePath, of account: InboxAccount, on line: InboxLine,
        _ memory: MailboxMemory, _ ground: InboxGround
    ) {
        self.ground = ground
        self.account = account
        self.mailbox = mailbox
        self.path = path
        self.line = line
        self.memory = memory
    }

    /// True when sets are left that were ready.
    mutating func look() throws(InboxFault) -> Bool {
        guard try list() else { return false }
        try settle()
        let bound = memory.bound
        let gathering = InboxGathering(listing.files.keys.filter { !bound.contains($0) })
        forgetSetbacks(but: gathering)
        if cancel(gathering.cancelled) { try settle() }
        let groups = gathering.ready + gathering.incomplete
        var taken = try recall(gathering.incomplete, among: groups)
        var hasMore = false
        for group in groups where isDue(group) {
            guard !ground.isStopping else { break }
            guard taken < InboxMailbox.most, ground.intake.pause(of: account.sender) == 0 else {
                hasMore = true
                break
            }
            if try take(group, among: groups) { taken += 1 }
        }
        if taken > 0, try list() { try settle() }
        return hasMore
    }

    /// False when the directory cannot be read; what is remembered of it then stays as it is.
    mutating func list() throws(InboxFault) -> Bool {
        do throws(InboxFault) {
            let entries = try line.call { files throws(RemoteFault) in try files.list(path) }
            listing = InboxListing(entries, in: path)
        } catch {
            guard case .refused(let fault) = error else { throw error }
            if !memory.isUnreadable {
                ground.log(
                    .warning, "a directory cannot be read", account, mailbox, ["fault": fault.sentence])
            }
            memory.isUnreadable = true
            return false
        }
        memory.isUnreadable = false
        memory.note(listing, at: ground.clock.seconds())
        for name in listing.oddities { ground.note(oddity: name, account, mailbox) }
        tellUnknowns()
        return true
    }

    /// Once, because some servers tell it of everything.
    private mutating func tellUnknowns() {
        guard !memory.isPuzzling, let name = listing.unknowns.keys.min(by: { "\($0)" < "\($1)" }) else {
            return
        }
        memory.isPuzzling = true
        ground.log(
            .warning, "what the server does not say is a file is left where it is", account, mailbox,
            ["name": "\(name)", "number": "\(listing.unknowns.count)"])
    }

    private func isDue(_ group: InboxGroup) -> Bool {
        // Another listing was made since they were gathered, perhaps.
        guard group.files.allSatisfy({ listing[$0] != nil }) else { return false }
        if let setback = memory.setbacks[group.name], !setback.isOver(at: ground.clock.seconds()) {
            return false
        }
        if let removal = memory.removals[mark(of: group)] {
            // What is left of a sealed set waits for its removal, unless a new GO takes it.
            guard group.kind == .triggered, !removal.holdsTrigger, !removal.remaining.isEmpty else {
                return false
            }
        }
        switch group.kind {
        case .triggered:
            return group.isComplete
                || memory.rest(of: group.files, ground.clock) >= ground.configuration.earlyTriggerWait
        case .untriggered:
            return memory.rest(of: group.files, ground.clock) > ground.configuration.incompleteDelay
        case .alone:
            return true
        case .cancelled:
            return false
        }
    }

    /// Has what the TDs cancel removed. True when there was any.
    private mutating func cancel(_ groups: [InboxGroup]) -> Bool {
        for group in groups where memory.removals[mark(of: group)] == nil {
            memory.removals[mark(of: group)] = InboxRemoval(of: group, in: listing)
        }
        return !groups.isEmpty
    }

    /// Takes a set, or finds that an earlier run has; its removal is outstanding then. False when it is put off.
    private mutating func take(_ group: InboxGroup, among groups: [InboxGroup]) throws(InboxFault) -> Bool {
        do throws(InboxFault) {
            let mark = mark(of: group)
            let sealed = try sealedBefore(group, mark, among: groups)
            if sealed == nil {
                var fetch = InboxFetch(group, from: self, line)
                try fetch.handIn(under: mark, listing.fingerprint(of: group.files).digest)
            }
            memory.removals[mark] = InboxRemoval(of: sealed ?? group, in: listing)
            memory.setbacks[group.name] = nil
            return true
        } catch {
            let isNew = memory.setbacks[group.name] == nil && !ground.isStopping
            memory.setbacks[group.name, default: Backoff()].extend(at: ground.clock.seconds())
            ground.log(
                isNew ? .warning : .debug, "a set is not taken yet", account, mailbox,
                ["set": "\(group.name)", "fault": error.sentence])
            if error.endsLook { throw error }
            return false
        }
    }

    /// Finds what is left of sets that an earlier run sealed and did not remove whole: without their GO they would lie
    /// there like files that wait for one. Returns how many there are.
    private mutating func recall(
        _ incomplete: [InboxGroup], among groups: [InboxGroup]
    ) throws(InboxFault) -> Int {
        var found = 0
        for group in incomplete where group.kind == .untriggered && memory.areInherited(group.files) {
            let mark = mark(of: group)
            guard memory.removals[mark] == nil, memory.recalled.insert(mark).inserted else { continue }
            guard let sealed = try sealedBefore(group, mark, among: groups) else { continue }
            memory.removals[mark] = InboxRemoval(of: sealed, in: listing)
            found += 1
        }
        return found
    }

    /// The group the mark tells was sealed before, of which only the removal is outstanding. Not always the one that is
    /// due: several may have one mark. Only of what was there at the start: what came later is new, whatever an old mark
    /// says.
    private func sealedBefore(
        _ group: InboxGroup, _ mark: HandoverMark, among groups: [InboxGroup]
    ) throws(InboxFault) -> InboxGroup? {
        let handover = try InboxFault.ofSpool { () throws(HomeFault) in try ground.intake.handedOver(mark) }
        guard let handover else { return nil }
        let sealed = groups.first { other in
            guard self.mark(of: other) == mark, memory.areInherited(other.files) else { return false }
            // Without the GO it was sealed with, a set has another fingerprint, and is still the rest of one.
            return listing.fingerprint(of: other.files).matches(handover.fingerprint)
                || other.name == group.name && other.kind == .untriggered && other.stem != nil
        }
        guard let sealed else {
            try InboxFault.ofSpool { () throws(HomeFault) in try ground.intake.forget(mark) }
            return nil
        }
        ground.log(
            .info, "a set was taken before, and is only removed", account, mailbox,
            ["set": "\(sealed.name)", "ticket": "\(handover.ticket)"])
        return sealed
    }

    /// All files that may belong together have one mark, because when the GO is gone nothing tells its name.
    private func mark(of group: InboxGroup) -> HandoverMark {
        let place = "inbox:\(ground.configuration.name):\(account.sender):\(mailbox.rawValue)"
        guard let stem = group.stem.flatMap({ FileName($0.bytes) }) else {
            return HandoverMark("\(place):file:\(group.name)")
        }
        return HandoverMark("\(place):set:\(stem)")
    }

    private mutating func forgetSetbacks(but gathering: InboxGathering) {
        guard !memory.setbacks.isEmpty else { return }
        let present = Set((gathering.ready + gathering.incomplete).map(\.name))
        memory.setbacks = memory.setbacks.filter { present.contains($0.key) }
    }
}
