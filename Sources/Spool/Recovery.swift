internal import Exchange
internal import Foundation
internal import GRDB
internal import Logging

/// Brings disk and ledger together when a spool is opened, before anything else happens. The rows are the
/// truth; bytes without a row are put back, so that they are sealed again, or taken over as a set, never
/// dropped.
struct Recovery {
    private static let chunk = 1000

    let disk: SpoolDisk
    let pool: DatabasePool
    let limits: SpoolLimits
    let clock: @Sendable () -> Date
    let logger: Logger

    func run() throws(SpoolFault) {
        do {
            try moveCommittedConsignments()
            for state in [SetState.received, .accepted] { try holdSetsWithoutBytes(in: state) }
            for ticket in try sets.tickets() { try settle(ticket) }
            try removeConsignments()
            try hastenSetsOfTheFuture()
            try OutgoingFiles(outbox: disk.outbox).removeTemporaries()
        } catch let fault as SystemFault {
            throw fault.spoolFault
        } catch {
            throw SpoolFault(ledgerError: error)
        }
    }

    private var sets: HeldSets { HeldSets(held: disk.held) }

    private func holdSetsWithoutBytes(in state: SetState) throws {
        var last: Int64 = 0
        while true {
            let rows = try pool.read { db in
                try Row.fetchAll(
                    db,
                    sql: "SELECT seq, ticket FROM fileSet WHERE state = ? AND seq > ? ORDER BY seq LIMIT ?",
                    arguments: [state.rawValue, last, Recovery.chunk]
                ).map { row -> (seq: Int64, ticket: Ticket, parts: [SealedSet.Part]) in
                    let seq: Int64 = try row.decode(forColumn: "seq")
                    let ticket = try Ledger.decoded(
                        Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", seq)
                    return (seq, ticket, try SealedSet.parts(of: seq, from: db))
                }
            }
            for row in rows {
                if let sentence = try missing(row.parts, of: row.ticket) { try hold(row.ticket, sentence) }
            }
            guard let seq = rows.last?.seq else { return }
            last = seq
        }
    }

    /// What is wrong with the held files of a set by their sizes; nil when nothing is.
    private func missing(_ parts: [SealedSet.Part], of ticket: Ticket) throws(SystemFault) -> String? {
        for part in parts {
            guard let status = try disk.held.status(sets.path(part.name, ticket)) else {
                return "The held file \(part.name) of \(ticket) is missing."
            }
            if status.size != UInt64(clamping: part.size) {
                return
                    "The held file \(part.name) of \(ticket) has \(status.size) bytes instead of \(part.size)."
            }
        }
        return nil
    }

    private func hold(_ ticket: Ticket, _ sentence: String) throws {
        logger.error(
            "held bytes differ from the ledger", metadata: ["ticket": "\(ticket)", "sentence": "\(sentence)"])
        let now = clock()
        try pool.write { db in
            _ = try SetWriting(db: db, now: now).hold(ticket, Deferral(.bytesChanged, sentence))
        }
    }

    /// What was received later than now was received before the clock was set back. It is due at once: the rest of that
    /// time must not be waited for.
    private func hastenSetsOfTheFuture() throws {
        let now = clock().timeIntervalSince1970
        try pool.write { db in
            for state in [SetState.received, .accepted] {
                try db.execute(
                    sql: """
                        UPDATE fileSet SET dueAt = :now WHERE state = :state AND dueAt > :now AND receivedAt > :now
                        """, arguments: ["now": now, "state": state.rawValue])
            }
        }
    }

    private func settle(_ ticket: Ticket) throws {
        switch try isRetired(ticket) {
        case true?: try sets.remove(ticket)
        case false?: return
        case nil: try restore(ticket)
        }
    }

    /// Nil when there is no row.
    func isRetired(_ ticket: Ticket) throws -> Bool? {
        try pool.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT retiredAt IS NOT NULL FROM fileSet WHERE ticket = ?",
                arguments: [ticket.description])
        }
    }

    private func restore(_ ticket: Ticket) throws {
        let content = try sets.content(ticket)
        let isEmpty = content.parts.isEmpty && content.trigger == nil && content.strangers.isEmpty
        guard !isEmpty || content.hasNote else { return try sets.remove(ticket) }
        // A home puts the origin there first and removes it last.
        if content.origin == nil, content.trigger == nil, content.strangers.isEmpty {
            return try putBackConsignment(ticket)
        }
        guard let origin = content.origin, content.strangers.isEmpty else {
            logger.error("held files of unknown origin are left alone", metadata: ["directory": "\(ticket)"])
            return
        }
        let files = ArrivingFiles(arriving: disk.arriving, sender: origin.sender)
        try files.prepare()
        var moves = content.parts.map { (name: $0, path: sets.path($0, ticket)) }
        if let trigger = content.trigger { moves.append((trigger, "\(ticket)/\(content.triggerText)")) }
        let isBlocked = try moves.contains { try isTaken($0.name, $0.path, files, origin) }
        if isBlocked { return try adopt(ticket, content, origin) }
        for (name, path) in moves { try putBack(name, path, files, origin) }
        try files.syncDirectories(origin.mailbox)
        try sets.remove(ticket)
        logger.notice(
            "unacknowledged files put back", metadata: ["sender": "\(origin.sender)", "ticket": "\(ticket)"])
    }

    /// True when another file has the name by now.
    private func isTaken(
        _ name: FileName, _ path: String, _ files: ArrivingFiles, _ origin: HeldSets.Origin
    ) throws(SystemFault) -> Bool {
        guard let other = try disk.arriving.status(files.path(name, origin.mailbox)) else { return false }
        return try disk.held.status(path)?.inode != other.inode
    }

    private func putBack(
        _ name: FileName, _ path: String, _ files: ArrivingFiles, _ origin: HeldSets.Origin
    ) throws(SystemFault) {
        try files.note(origin.channel, of: name, in: origin.mailbox)
        if try disk.arriving.status(files.path(name, origin.mailbox)) != nil {
            // Both names of one file, from a move without RENAME_NOREPLACE that was cut short.
            try disk.held.remove(path)
        } else {
            try disk.held.move(path, to: disk.arriving, files.path(name, origin.mailbox))
        }
    }

    /// Makes a set of files that cannot be put back because newer ones have their names.
    private func adopt(_ ticket: Ticket, _ content: HeldSets.Content, _ origin: HeldSets.Origin) throws {
        var parts: [SealedSet.Part] = []
        for name in content.parts {
            let found = try sets.rewrite(name, of: ticket).digest()
            parts.append(SealedSet.Part(name: name, size: found.size, digest: found.digest))
        }
        try disk.held.sync(ticket.description)
        try disk.held.sync()
        let derived = content.parts.first.flatMap { ArrivalName($0).partSet?.triggerName ?? $0 }
        guard let name = content.trigger ?? derived else { return }
        let set = SealedSet(
            ticket: ticket, sender: origin.sender, channel: origin.channel, mailbox: origin.mailbox,
            receivedAt: clock(), name: name, hasTrigger: content.trigger != nil, parts: parts)
        _ = try pool.write { db in try SetWriting(db: db, now: set.receivedAt).insert(set) }
        logger.notice("unacknowledged files taken over as a set", metadata: ["ticket": "\(ticket)"])
    }
}
