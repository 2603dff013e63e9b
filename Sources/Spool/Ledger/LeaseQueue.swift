internal import Exchange
internal import Foundation

/// Sets waiting for one step, handed out to one caller each: senders by turns, of each the longest due first. Only the
/// next ones of each sender are kept in memory; the rest is read from the ledger when those are used up.
///
/// Two things are asked of the ledger: who has anything due (`scan`: at the start, and whenever something that was not
/// due may be), and what a sender has (`read`: when its turn comes and its line in memory has run out).
///
/// `@unchecked Sendable`: `condition` guards all that changes.
final class LeaseQueue<Item: Sendable>: @unchecked Sendable {
    struct Entry: Sendable {
        let ticket: Ticket
        let sender: SenderNumber
        let item: Item
    }

    /// Who has anything due.
    struct Scan: Sendable {
        let senders: [SenderNumber]
        /// When the next set that is not due yet will be.
        let soonestDue: Date?
        /// Of a row that makes no sense and was left out.
        var fault: (any Error)?
    }

    private struct Lease {
        /// Whose it is, when it was handed out by turns.
        var sender: SenderNumber?
        /// Not to be handed out before, though the ledger may not say so.
        var until: Date?
        /// The set whose lease this one goes with.
        var first: Ticket?
    }

    /// Sets of one sender kept in memory.
    private static var share: Int { 64 }
    /// Seconds between two scans while there is something to hand out.
    private static var scanPause: TimeInterval { 0.1 }
    /// Seconds until what could not be read is tried again.
    private static var faultPause: TimeInterval { 0.5 }

    private let condition = SteadyCondition()
    private let clock: @Sendable () -> Date
    private let faults: FaultLog
    private let name: String
    private let mostOfOne: Int
    private let scan: @Sendable () throws -> Scan
    private let read: @Sendable (_ sender: SenderNumber, _ limit: Int) throws -> [Entry]
    private var turns: Turns<Entry>
    private var queued: [Ticket: SenderNumber] = [:]
    private var leases: [Ticket: Lease] = [:]
    /// Leases handed out by turns.
    private var inHand: [SenderNumber: Int] = [:]
    /// What was leased with a set.
    private var followers: [Ticket: [Ticket]] = [:]
    /// What was freed while a sender's sets are read: the reading may still have it.
    private var freed: [SenderNumber: Set<Ticket>] = [:]
    /// Senders whose sets could not be read, and until when they rest, by `SteadyTime`. The others go on.
    private var resting: [SenderNumber: TimeInterval] = [:]
    private var soonestDue: Date?
    private var wantsScan = true
    private var isScanning = false
    /// By `SteadyTime`.
    private var lastScan: TimeInterval = 0
    private var isStopped = false

    /// - Parameters:
    ///   - name: for the log.
    ///   - capacity: sets kept in memory, but for what the last readings brought.
    ///   - mostOfOne: sets of one sender handed out at once.
    ///   - faults: is told of every failed reading.
    ///   - scan: who has sets that may be handed out now.
    ///   - read: those of one sender, at most `limit`, the longest due first.
    init(
        _ name: String, capacity: Int, mostOfOne: Int = .max, faults: FaultLog,
        clock: @escaping @Sendable () -> Date,
        scan: @escaping @Sendable () throws -> Scan,
        read: @escaping @Sendable (_ sender: SenderNumber, _ limit: Int) throws -> [Entry]
    ) {
        self.name = name
        self.mostOfOne = mostOfOne
        self.faults = faults
        self.clock = clock
        self.scan = scan
        self.read = read
        turns = Turns(share: LeaseQueue.share, most: capacity)
    }

    /// Waits for a set and leases it; nil once stopped.
    func take() -> Entry? {
        condition.lock()
        defer { condition.unlock() }
        while !isStopped {
            expire()
            endRests()
            if isTimeToScan {
                look()
                continue
            }
            switch turns.next() {
            case .handOut(let entry):
                queued[entry.ticket] = nil
                leases[entry.ticket] = Lease(sender: entry.sender)
                inHand[entry.sender, default: 0] += 1
                if inHand[entry.sender] == mostOfOne { turns.pause(entry.sender) }
                return entry
            case .read(let sender):
                refill(sender)
            case nil:
                // The round had nobody but who has as many as it may.
                if isTimeToScan { continue }
                if soonestDue != nil || !resting.isEmpty {
                    // In short steps, because the clock may be set.
                    _ = condition.wait(atMost: 0.1)
                } else {
                    condition.wait()
                }
            }
        }
        return nil
    }

    /// A set may be handed out from now on.
    func add(_ entry: Entry) {
        condition.lock()
        defer { condition.unlock() }
        append(entry)
        condition.signal()
    }

    /// Leases a set out of its turn, whether it waits here or not; false when somebody has it. One that is only kept until
    /// it is tried again nobody has.
    func lease(_ ticket: Ticket) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        if let lease = leases[ticket], lease.until == nil { return false }
        discard(ticket)
        leases[ticket] = Lease()
        return true
    }

    /// Leases more sets with one that is leased, until that one's lease is over: the first of them, up to one that
    /// somebody has or that is kept until it is tried again.
    func lease(_ tickets: [Ticket], with first: Ticket) -> [Ticket] {
        condition.lock()
        defer { condition.unlock() }
        let free = Array(tickets.prefix { leases[$0] == nil })
        for ticket in free {
            discard(ticket)
            leases[ticket] = Lease(first: first)
        }
        if !free.isEmpty { followers[first] = free }
        return free
    }

    /// The lease is over, because the ledger has the outcome. Nobody is woken, unless the sender had as many as it may:
    /// that alone gives nobody else anything to take.
    func free(_ ticket: Ticket) {
        condition.lock()
        defer { condition.unlock() }
        handBack(ticket)
        leases[ticket] = nil
        freeFollowers(of: ticket)
        discard(ticket)
        for sender in freed.keys { freed[sender]?.insert(ticket) }
    }

    /// The lease is over and the ledger says when the set is due again.
    func free(_ ticket: Ticket, due: Date) {
        free(ticket)
        noteDue(due)
    }

    /// The ledger could not be told: the set keeps its lease until then and may be handed out afterwards.
    func keep(_ ticket: Ticket, until due: Date) {
        condition.lock()
        defer { condition.unlock() }
        guard leases[ticket] != nil else { return }
        handBack(ticket)
        freeFollowers(of: ticket)
        leases[ticket] = Lease(until: due)
        soonestDue = min(soonestDue ?? due, due)
        condition.broadcast()
    }

    /// Something in the ledger will be due then.
    func noteDue(_ due: Date) {
        condition.lock()
        defer { condition.unlock() }
        soonestDue = min(soonestDue ?? due, due)
        condition.broadcast()
    }

    /// The clock was set back: nothing is left to a time that is far away now.
    func lookAnew() {
        condition.lock()
        defer { condition.unlock() }
        leases = leases.filter { $0.value.until == nil }
        soonestDue = nil
        wantsScan = true
        condition.broadcast()
    }

    func stop() {
        condition.lock()
        defer { condition.unlock() }
        isStopped = true
        condition.broadcast()
    }

    private func expire() {
        guard let due = soonestDue else { return }
        let now = clock()
        guard due <= now else { return }
        leases = leases.filter { $0.value.until.map { $0 > now } ?? true }
        soonestDue = leases.values.compactMap(\.until).min()
        wantsScan = true
    }

    private var isTimeToScan: Bool {
        guard wantsScan, !isScanning else { return false }
        return turns.isEmpty || SteadyTime.now - lastScan > LeaseQueue.scanPause
    }

    /// Finds out who has anything due.
    private func look() {
        isScanning = true
        // What becomes due from now on may be missing from this scan: whoever notes it wants another.
        wantsScan = false
        let found = unlocked(name) { try scan() }
        isScanning = false
        lastScan = SteadyTime.now
        guard case .success(let found) = found else {
            wantsScan = true
            _ = condition.wait(atMost: LeaseQueue.faultPause)
            return
        }
        faults.note(found.fault, of: "\(name), a row")
        if let due = found.soonestDue { soonestDue = min(soonestDue ?? due, due) }
        for sender in found.senders { turns.noteMore(of: sender) }
        condition.broadcast()
    }

    /// Reads what a sender has.
    private func refill(_ sender: SenderNumber) {
        freed[sender] = []
        let limit = LeaseQueue.share + leases.count
        let found = unlocked("\(name) of \(sender)") { try read(sender, limit) }
        let freed = freed.removeValue(forKey: sender) ?? []
        guard case .success(let entries) = found else {
            // Not ended yet, so that what comes meanwhile is left to the next reading.
            resting[sender] = SteadyTime.now + LeaseQueue.faultPause
            condition.broadcast()
            return
        }
        let fresh = entries.filter {
            leases[$0.ticket] == nil && queued[$0.ticket] == nil && !freed.contains($0.ticket)
        }
        for entry in fresh { queued[entry.ticket] = sender }
        turns.endReading(of: sender, fresh, isAll: entries.count < limit)
        condition.broadcast()
    }

    private func endRests() {
        guard !resting.isEmpty else { return }
        let now = SteadyTime.now
        for (sender, end) in resting where end <= now {
            resting[sender] = nil
            turns.endReading(of: sender, [], isAll: false)
        }
    }

    private func unlocked<Value>(_ subject: String, _ body: () throws -> Value) -> Result<Value, any Error> {
        condition.unlock()
        let result = Result { try body() }
        if case .failure(let fault) = result { faults.note(fault, of: subject) }
        condition.lock()
        if case .success = result { faults.note(nil, of: subject) }
        return result
    }

    /// Nobody has it in hand any more.
    private func handBack(_ ticket: Ticket) {
        guard let sender = leases[ticket]?.sender, let count = inHand[sender] else { return }
        inHand[sender] = count > 1 ? count - 1 : nil
        guard count == mostOfOne else { return }
        turns.resume(sender)
        condition.signal()
    }

    private func append(_ entry: Entry) {
        if leases[entry.ticket] != nil || queued[entry.ticket] != nil { return }
        if turns.append(entry, of: entry.sender) { queued[entry.ticket] = entry.sender }
    }

    /// But those that somebody has leased anew since.
    private func freeFollowers(of first: Ticket) {
        for ticket in followers.removeValue(forKey: first) ?? [] where leases[ticket]?.first == first {
            leases[ticket] = nil
        }
    }

    private func discard(_ ticket: Ticket) {
        guard let sender = queued.removeValue(forKey: ticket) else { return }
        turns.remove(of: sender) { $0.ticket == ticket }
    }
}
