internal import Exchange
internal import Foundation

/// Sets waiting for one step, handed out to one caller each: senders by turns, of each the oldest first. Only a
/// bounded number is kept in memory; the rest is read from the ledger when those are used up.
///
/// As long as the queue knows of everything that waits (`isComplete`, but for the senders in `unread`), new sets go
/// straight in; otherwise they are left to the next reading.
final class LeaseQueue<Item: Sendable>: @unchecked Sendable {
    // Unchecked: `condition` guards all that changes.
    struct Entry: Sendable {
        let ticket: Ticket
        let sender: SenderNumber
        let item: Item
    }

    /// One reading of the ledger.
    struct Reading: Sendable {
        var entries: [Entry]
        /// Senders who have more that is due than was read.
        var cut: Set<SenderNumber> = []
        /// Senders after this one were not looked at; nil when all were.
        var last: SenderNumber?
        /// When the next set that is not due yet will be.
        let soonestDue: Date?
    }

    private struct Lease {
        /// Not to be handed out before, though the ledger may not say so.
        var until: Date?
        /// The set whose lease this one goes with.
        var first: Ticket?
    }

    private let condition = SteadyCondition()
    private let capacity: Int
    private let clock: @Sendable () -> Date
    private let faults: FaultLog
    private let name: String
    private let read: @Sendable (_ scope: Scope) throws -> Reading
    private var turns = Turns<Entry>()
    private var queued: [Ticket: SenderNumber] = [:]
    private var leases: [Ticket: Lease] = [:]
    /// What was leased with a set.
    private var followers: [Ticket: [Ticket]] = [:]
    private var soonestDue: Date?
    private var isComplete = false
    /// Senders of whom the ledger has more than is known here.
    private var unread: Set<SenderNumber> = []
    /// One of them has nothing here any more, and would miss his turns.
    private var isStarved = false
    /// Where the next reading goes on.
    private var last: SenderNumber?
    /// By `SteadyTime`.
    private var lastReading: TimeInterval = 0
    private var isReading = false
    private var addedWhileReading: [Entry] = []
    private var freedWhileReading: Set<Ticket> = []
    private var isStopped = false

    /// What is read at once.
    struct Scope: Sendable {
        /// Only senders after this one; nil for all.
        let last: SenderNumber?
        /// Sets of one sender.
        let share: Int
        /// Sets of all; a sender is not begun any more when there are so many.
        let limit: Int
    }

    /// Sets of one sender that one reading brings, beside those that are leased.
    private static var share: Int { 100 }
    /// Seconds between readings while there is something to hand out.
    private static var readingPause: TimeInterval { 0.1 }

    /// - Parameters:
    ///   - name: for the log.
    ///   - faults: is told of every failed reading.
    ///   - read: the sets that may be handed out now, those of one sender together and oldest first.
    init(
        _ name: String, capacity: Int, faults: FaultLog, clock: @escaping @Sendable () -> Date,
        read: @escaping @Sendable (_ scope: Scope) throws -> Reading
    ) {
        self.name = name
        self.capacity = capacity
        self.faults = faults
        self.clock = clock
        self.read = read
    }

    /// Waits for a set and leases it; nil once stopped.
    func take() -> Entry? {
        condition.lock()
        defer { condition.unlock() }
        while !isStopped {
            expire()
            if wantsReading { refill() }
            guard !isStopped else { return nil }
            if let entry = turns.next() {
                queued[entry.ticket] = nil
                if unread.contains(entry.sender), turns.count(of: entry.sender) == 0 { isStarved = true }
                leases[entry.ticket] = Lease()
                return entry
            }
            if wantsReading { continue }
            if soonestDue != nil {
                // In short steps, because the clock may be set.
                _ = condition.wait(atMost: 0.1)
            } else {
                condition.wait()
            }
        }
        return nil
    }

    /// A set may be handed out from now on.
    func add(_ entry: Entry) {
        condition.lock()
        defer { condition.unlock() }
        if isReading {
            addedWhileReading.append(entry)
        } else if isComplete, !unread.contains(entry.sender) {
            append(entry)
        }
        condition.signal()
    }

    /// Leases a set out of its turn, whether it waits here or not; false when somebody has it.
    func lease(_ ticket: Ticket) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard leases[ticket] == nil else { return false }
        discard(ticket)
        leases[ticket] = Lease()
        return true
    }

    /// Leases more sets with one that is leased, until that one's lease is over: the first of them, up to one that
    /// somebody has.
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

    /// The lease is over, because the ledger has the outcome.
    func free(_ ticket: Ticket) {
        condition.lock()
        defer { condition.unlock() }
        leases[ticket] = nil
        freeFollowers(of: ticket)
        discard(ticket)
        // Nobody is woken: an ended lease alone gives nobody anything to take.
        if isReading { freedWhileReading.insert(ticket) }
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
        isComplete = false
    }

    private var wantsReading: Bool {
        if isReading { return false }
        if turns.count == 0 { return !isComplete || !unread.isEmpty }
        return isStarved || (!isComplete && SteadyTime.now - lastReading > LeaseQueue.readingPause)
    }

    private func refill() {
        isReading = true
        isStarved = false
        freedWhileReading = []
        addedWhileReading = []
        let scope = Scope(
            last: last, share: LeaseQueue.share + leases.count, limit: capacity + leases.count)
        condition.unlock()
        let result = Result { try read(scope) }
        if case .failure(let fault) = result { faults.note(fault, of: name) }
        condition.lock()
        isReading = false
        lastReading = SteadyTime.now
        guard case .success(let reading) = result else {
            // The ledger cannot be read just now; whoever waits tries again.
            _ = condition.wait(atMost: 0.5)
            return
        }
        faults.note(nil, of: name)
        isComplete = last == nil && reading.last == nil
        last = reading.last
        unread = reading.cut
        if let due = reading.soonestDue { soonestDue = min(soonestDue ?? due, due) }
        for entry in reading.entries where !freedWhileReading.contains(entry.ticket) { append(entry) }
        for entry in addedWhileReading where isComplete && !unread.contains(entry.sender) { append(entry) }
        addedWhileReading = []
        freedWhileReading = []
        condition.broadcast()
    }

    private func append(_ entry: Entry) {
        if leases[entry.ticket] != nil || queued[entry.ticket] != nil { return }
        guard turns.count < 2 * capacity, turns.count(of: entry.sender) < capacity else {
            unread.insert(entry.sender)
            return
        }
        turns.append(entry, of: entry.sender)
        queued[entry.ticket] = entry.sender
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
