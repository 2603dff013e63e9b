internal import Exchange
internal import Foundation
internal import GRDB
internal import Logging

/// Brings disk and ledger together when a spool is opened, before anything else happens. The rows are the
/// truth; bytes without a row are put back, so that they are sealed again, or taken over as a set, never
/// dropped.
struct Recovery {
    let disk: SpoolDisk
    let pool: DatabasePool
    let limits: SpoolLimits
    let clock: @Sendable () -> Date
    let logger: Logger
    /// How many sets are looked up at once.
    var group = 1000

    func run() throws(SpoolFault) {
        do {
            try moveCommittedConsignments()
            for state in [SetState.received, .accepted] { try holdSetsWithoutBytes(in: state) }
            try settleHeldDirectories()
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
            let (parts, end) = try heldParts(of: state, after: last)
            if let fault = parts.fault {
                logger.error("rows of waiting sets make no sense", metadata: ["fault": "\(fault)"])
            }
            var held: Ticket?
            for part in parts.values where part.ticket != held {
                guard let sentence = try fault(of: part) else { continue }
                try hold(part.ticket, sentence)
                held = part.ticket
            }
            guard let end else { return }
            last = end
        }
    }

    private struct HeldPart: Sendable {
        let ticket: Ticket
        /// Nil when the set has no parts.
        let file: SealedSet.Part?

        init(_ row: Row, _ seq: Int64) throws {
            ticket = try Ledger.decoded(Ticket(row.decode(String.self, forColumn: "ticket")), "ticket", seq)
            let hasParts = try row.decode(Int64?.self, forColumn: "position") != nil
            file = hasParts ? try SealedSet.Part(row, of: seq) : nil
        }
    }

    /// The parts of the next sets of that state, all of each set, and the last set looked at.
    private func heldParts(
        of state: SetState, after last: Int64
    ) throws -> (parts: Readable<HeldPart>, end: Int64?) {
        try pool.read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT seq, ticket, position, part.name, part.size, digest FROM (
                        SELECT seq, ticket FROM fileSet WHERE state = ? AND seq > ? ORDER BY seq LIMIT ?
                    ) LEFT JOIN part ON setSeq = seq ORDER BY seq, position
                    """)
            let rows = try Row.fetchCursor(
                statement, arguments: [state.rawValue, last, group])
            var parts = Readable<HeldPart>()
            var end: Int64?
            while let row = try rows.next() {
                let seq: Int64 = try row.decode(forColumn: "seq")
                end = seq
                try parts.append { try HeldPart(row, seq) }
            }
            return (parts, end)
        }
    }

    /// What is wrong with a held file by its size; nil when nothing is.
    private func fault(of part: HeldPart) throws(SystemFault) -> String? {
        guard let file = part.file else { return nil }
        guard let status = try disk.held.status(sets.path(file.name, part.ticket)) else {
            return "The held file \(file.name) of \(part.ticket) is missing."
        }
        guard status.size != UInt64(clamping: file.size) else { return nil }
        return
            "The held file \(file.name) of \(part.ticket) has \(status.size) bytes instead of \(file.size)."
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

    /// In groups: a read of the ledger for each of 100,000 sets that wait would hold up the start for seconds.
    private func settleHeldDirectories() throws {
        var rest = try sets.tickets()[...]
        while !rest.isEmpty {
            let tickets = Array(rest.prefix(group))
            rest = rest.dropFirst(tickets.count)
            for (ticket, isRetired) in zip(tickets, try areRetired(tickets)) {
                switch isRetired {
                case true?: try sets.remove(ticket)
                case false?: continue
                case nil: try restore(ticket)
                }
            }
        }
    }

    /// Nil where there is no row.
    func areRetired(_ tickets: [Ticket]) throws -> [Bool?] {
        try pool.read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT retiredAt IS NOT NULL FROM fileSet WHERE ticket = ?")
            return try tickets.map { try Bool.fetchOne(statement, arguments: [$0.description]) }
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
