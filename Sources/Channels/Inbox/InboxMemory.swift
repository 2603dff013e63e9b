internal import Exchange
internal import Foundation

/// What an inbox remembers of one account from look to look. It is lost with the process; what must not be, is kept by
/// the spool as marks.
struct InboxMemory: Sendable {
    var mailboxes: [Mailbox: MailboxMemory] = [:]
    var answers = AnswerMemory()
}

/// Of one incoming directory.
struct MailboxMemory: Sendable {
    struct Sighting: Sendable {
        let entry: RemoteEntry
        /// Monotonic seconds: when it was first seen as it is.
        let since: TimeInterval
        /// It was there in the first listing after the start: an earlier run may have dealt with it.
        let isInherited: Bool
    }

    private(set) var sightings: [FileName: Sighting] = [:]
    private var isKnown = false
    /// Of sets that are sealed, or cancelled, and whose files may lie there still.
    var removals: [HandoverMark: InboxRemoval] = [:]
    /// Marks that were asked about once, for what lay there at the start.
    var recalled: Set<HandoverMark> = []
    /// Of sets that could not be taken, by the name of their group.
    var setbacks: [FileName: Backoff] = [:]
    /// The last listing was refused, and it was said.
    var isUnreadable = false
    /// It held what is not known to be files, and it was said.
    var isPuzzling = false

    mutating func note(_ listing: InboxListing, at now: TimeInterval) {
        var seen: [FileName: Sighting] = [:]
        for (name, entry) in listing.files.merging(listing.unknowns, uniquingKeysWith: { file, _ in file }) {
            if let old = sightings[name], old.entry.isUnchanged(entry) {
                let latest = entry.kind == .file ? entry : old.entry
                seen[name] = Sighting(entry: latest, since: old.since, isInherited: old.isInherited)
            } else {
                seen[name] = Sighting(entry: entry, since: now, isInherited: !isKnown)
            }
        }
        sightings = seen
        isKnown = true
    }

    /// Seconds since the last of these files was first seen as it is. Dates do not count: the server's clock may be
    /// wrong, and who uploads may keep those of his own files. After a restart the wait begins anew.
    func rest(of names: [FileName], _ clock: InboxClock) -> TimeInterval {
        let now = clock.seconds()
        return names.compactMap { sightings[$0].map { now - $0.since } }.min() ?? 0
    }

    func areInherited(_ names: [FileName]) -> Bool {
        names.allSatisfy { sightings[$0]?.isInherited == true }
    }

    /// Files of sealed or cancelled sets whose GO, or TD, still lies there: not to be taken again. Once that is gone the
    /// others wait to be removed as well, but a new GO may take them.
    var bound: Set<FileName> {
        Set(removals.values.filter(\.holdsTrigger).flatMap { $0.remaining.map(\.name) })
    }
}

/// Files to be removed at the server, in this order.
struct InboxRemoval: Sendable {
    struct File: Sendable {
        let name: FileName
        /// As it was when it was taken, in the latest form of listing; what differs now is another file.
        var entry: RemoteEntry
        /// The server said that it removed it.
        var isRemoved = false
    }

    /// The GO or TD.
    let trigger: FileName?
    var remaining: [File]
    var backoff = Backoff()

    init(of group: InboxGroup, in listing: InboxListing) {
        trigger = group.kind == .triggered || group.kind == .cancelled ? group.name : nil
        remaining = group.files.compactMap { name in
            listing[name].map { File(name: name, entry: $0) }
        }
    }

    var holdsTrigger: Bool { remaining.contains { $0.name == trigger } }

    /// The server said that it removed the GO, or TD, and does not list it: it keeps its word.
    func isTriggerGone(from listing: InboxListing) -> Bool {
        remaining.contains { $0.name == trigger && $0.isRemoved && !listing.holds($0.name, $0.entry) }
    }
}

/// Of the answers to one sender.
struct AnswerMemory: Sendable {
    enum Doubt: Sendable {
        /// The GO was to be renamed, and no word came back.
        case renaming
        /// Carried out, but the outbox does not know yet.
        case delivered
    }

    var doubts: [Ticket: Doubt] = [:]
    /// Of answers that could not be carried out.
    var setbacks: [Ticket: Backoff] = [:]
}
