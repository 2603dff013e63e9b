internal import Exchange
internal import Foundation

/// Sets waiting for one step, handed out to one caller each, oldest first. Only a bounded number is kept in
/// memory; the rest is read from the ledger when those are used up.
///
/// As long as the queue knows of everything that waits (`isComplete`), new sets go straight in; otherwise
/// they are left to the next reading.
final class LeaseQueue<Item: Sendable>: @unchecked Sendable {
    // Unchecked: `condition` guards all that changes.
    struct Entry: Sendable {
        let ticket: Ticket
        let item: Item
    }

    /// One reading of the ledger.
    struct Reading: Sendable {
        let entries: [Entry]
        /// Nothing due was left out.
        let isExhaustive: Bool
        /// When the next set that is not due yet will be.
        let soonestDue: Date?
    }

    private let condition = SteadyCondition()
    private let capacity: Int
    private let clock: @Sendable () -> Date
    private let faults: FaultLog
    private let name: String
    private let read: @Sendable (_ limit: Int) throws -> Reading
    private var waiting: [Entry] = []
    private var head = 0
    private var queued: Set<Ticket> = []
    /// A date: not to be handed out before, though the ledger may not say so.
    private var leases: [Ticket: Date?] = [:]
    private var soonestDue: Date?
    private var isComplete = false
    private var isReading = false
    private var addedWhileReading: [Entry] = []
    private var freedWhileReading: Set<Ticket> = []
    private var isStopped = false

    /// - Parameters:
    ///   - name: for the log.
    ///   - faults: is told of every failed reading.
    ///   - read: the sets that may be handed out now, at most `limit`, oldest first.
    init(
        _ name: String, capacity: Int, faults: FaultLog, clock: @escaping @Sendable () -> Date,
        read: @escaping @Sendable (_ limit: Int) throws -> Reading
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
            if head < waiting.count {
                let entry = waiting[head]
                head += 1
                compact()
                queued.remove(entry.ticket)
                leases[entry.ticket] = .some(nil)
                return entry
            }
            if !isComplete, !isReading {
                refill()
            } else if soonestDue != nil {
                // In short steps, because the clock may be set.
                _ = condition.wait(atMost: 0.1)
            } else {
                condition.wait()
            }
        }
        return nil
    }

    /// A set may be handed out from now on.
    func add(_ ticket: Ticket, _ item: Item) {
        condition.lock()
        defer { condition.unlock() }
        let entry = Entry(ticket: ticket, item: item)
        if isReading {
            addedWhileReading.append(entry)
        } else if isComplete {
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
        leases[ticket] = .some(nil)
        return true
    }

    /// The lease is over, because the ledger has the outcome.
    func free(_ ticket: Ticket) {
        condition.lock()
        defer { condition.unlock() }
        leases[ticket] = nil
        discard(ticket)
        if isReading { freedWhileReading.insert(ticket) }
        condition.broadcast()
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
        leases[ticket] = .some(due)
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
        leases = leases.filter { $0.value.map { $0 > now } ?? true }
        soonestDue = leases.values.compactMap { $0 }.min()
        isComplete = false
    }

    private func refill() {
        isReading = true
        freedWhileReading = []
        addedWhileReading = []
        let limit = capacity + leases.count
        condition.unlock()
        let result = Result { try read(limit) }
        if case .failure(let fault) = result { faults.note(fault, of: name) }
        condition.lock()
        isReading = false
        guard case .success(let reading) = result else {
            // The ledger cannot be read just now; whoever waits tries again.
            _ = condition.wait(atMost: 0.5)
            return
        }
        faults.note(nil, of: name)
        isComplete = reading.isExhaustive
        if let due = reading.soonestDue { soonestDue = min(soonestDue ?? due, due) }
        for entry in reading.entries where !freedWhileReading.contains(entry.ticket) { append(entry) }
        for entry in addedWhileReading { append(entry) }
        addedWhileReading = []
        freedWhileReading = []
        condition.broadcast()
    }

    private func append(_ entry: Entry) {
        if leases[entry.ticket] != nil || queued.contains(entry.ticket) { return }
        guard waiting.count - head < 2 * capacity else {
            isComplete = false
            return
        }
        waiting.append(entry)
        queued.insert(entry.ticket)
    }

    private func discard(_ ticket: Ticket) {
        guard queued.remove(ticket) != nil else { return }
        waiting = waiting[head...].filter { $0.ticket != ticket }
        head = 0
    }

    private func compact() {
        guard head > 1024 || head == waiting.count else { return }
        waiting.removeFirst(head)
        head = 0
    }
}
