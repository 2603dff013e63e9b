internal import Exchange
internal import Logging

// Removes at the server what is sealed or cancelled. A file is gone when a listing shows it no longer: what a server
// says of a removal is not trusted, because some answer alike to "there is none" and "you may not".
extension InboxMailbox {
    /// Removes what the listing shows, and forgets the marks of what it no longer shows.
    mutating func settle() throws(InboxFault) {
        confirm()
        guard try removeOutstanding(), try list() else { return }
        confirm()
    }

    private mutating func confirm() {
        for (mark, removal) in memory.removals {
            var removal = removal
            let isTriggerGone = removal.isTriggerGone(from: listing)
            // Where the server kept its word about the GO, or TD, what is listed like another file it said it removed
            // was sent again: stamps of minutes do not tell the two apart.
            removal.remaining.removeAll {
                !listing.holds($0.name, $0.entry) || isTriggerGone && $0.isRemoved
            }
            for index in removal.remaining.indices {
                // What comes next is compared with this form of listing.
                if let entry = listing[removal.remaining[index].name] {
                    removal.remaining[index].entry = entry
                }
            }
            if let kept = removal.remaining.first(where: \.isRemoved) {
                for index in removal.remaining.indices { removal.remaining[index].isRemoved = false }
                putOff(&removal, kept, "the server says that it removed it, and lists it still")
            }
            memory.removals[mark] = removal
            if removal.remaining.isEmpty { forget(mark) }
        }
    }

    private mutating func forget(_ mark: HandoverMark) {
        let now = ground.clock.seconds()
        guard let removal = memory.removals[mark], removal.backoff.isOver(at: now) else { return }
        do throws(HomeFault) {
            try ground.intake.forget(mark)
            memory.removals[mark] = nil
        } catch {
            memory.removals[mark]?.backoff.extend(at: now)
            ground.log(
                .warning, "the mark of a removed set is not forgotten yet", account, mailbox,
                ["mark": mark.text, "fault": "\(error)"])
        }
    }

    /// True when something was removed.
    private mutating func removeOutstanding() throws(InboxFault) -> Bool {
        let now = ground.clock.seconds()
        var hasRemoved = false
        for (mark, removal) in memory.removals where removal.backoff.isOver(at: now) {
            var removal = removal
            defer { memory.removals[mark] = removal }
            // In order, and no further than the first that stays: a GO left alone would be a set again.
            for (index, file) in removal.remaining.enumerated() {
                do throws(InboxFault) {
                    try remove(file.name)
                    removal.remaining[index].isRemoved = true
                    hasRemoved = true
                } catch {
                    guard case .refused(let fault) = error else { throw error }
                    putOff(&removal, file, fault.sentence)
                    break
                }
            }
        }
        return hasRemoved
    }

    private func remove(_ name: FileName) throws(InboxFault) {
        guard let path = path.appending(name.bytes) else { return }
        try line.call { files throws(RemoteFault) in try files.remove(path) }
    }

    /// Said once, when the next listing did not mend it.
    private func putOff(_ removal: inout InboxRemoval, _ file: InboxRemoval.File, _ reason: String) {
        removal.backoff.extend(at: ground.clock.seconds())
        guard removal.backoff.failures == 2 else { return }
        ground.log(
            .warning, "a file of a sealed set is not removed; the set is not taken again", account, mailbox,
            ["file": "\(file.name)", "fault": reason])
    }
}
