internal import Exchange
internal import Foundation
internal import GRDB

/// Hands out set tickets from blocks reserved in the ledger, so that no ticket is ever used twice; what is
/// left of a block when the process ends is skipped. The next block is reserved long before the present one
/// is used up, and taking a ticket never waits for the disk.
///
/// `@unchecked Sendable`: `condition` guards all that changes.
final class TicketDispenser: @unchecked Sendable {
    static let blockSize: Int64 = 1000

    private let condition = NSCondition()
    private let committer: Committer
    private var ranges: [Range<Int64>] = []
    private var isReserving = false
    private var fault: SpoolFault?

    init(committer: Committer) {
        self.committer = committer
    }

    /// Never waits: the committer may itself wait for a lock the caller holds.
    ///
    /// - Throws: when the reserve is used up because the ledger could not be written, or not yet; and at the
    ///   end of all numbers. The next block is then under way.
    func next() throws(SpoolFault) -> Ticket {
        condition.lock()
        let ticket = take()
        let fault = fault ?? SpoolFault(.ledger, "No ticket is in reserve.")
        let isLow = beginReserving()
        condition.unlock()
        if isLow { reserve() }
        guard let ticket else { throw fault }
        return ticket
    }

    /// Waits until there is a full reserve. Not for a caller that holds a lock.
    ///
    /// - Throws: when the ledger cannot be written, or at the end of all numbers.
    func fill() throws(SpoolFault) {
        while true {
            condition.lock()
            let isFull = left > TicketDispenser.blockSize
            let isLow = beginReserving()
            condition.unlock()
            if isFull { return }
            if isLow { reserve() }
            condition.lock()
            while isReserving { condition.wait() }
            let fault = fault
            condition.unlock()
            if let fault { throw fault }
        }
    }

    private var left: Int64 { ranges.reduce(0) { $0 + Int64($1.count) } }

    private func take() -> Ticket? {
        guard let range = ranges.first else { return nil }
        if range.count == 1 {
            ranges.removeFirst()
        } else {
            ranges[0] = range.dropFirst()
        }
        return Ticket(.set, counter: range.lowerBound)
    }

    /// True when the caller is to reserve the next block.
    private func beginReserving() -> Bool {
        guard left <= TicketDispenser.blockSize, !isReserving else { return false }
        isReserving = true
        return true
    }

    private func reserve() {
        let block = ReservedBlock()
        committer.submit(
            Committer.Work(
                apply: { try block.reserve(in: $0) },
                settle: { [self] fault in
                    condition.withLock {
                        isReserving = false
                        self.fault = fault
                        if fault == nil, let range = block.range { ranges.append(range) }
                        condition.broadcast()
                    }
                }))
    }
}

/// One block on its way out of the transaction.
///
/// `@unchecked Sendable`: the committing thread alone touches it.
private final class ReservedBlock: @unchecked Sendable {
    private(set) var range: Range<Int64>?

    func reserve(in db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO counter (name, next) VALUES ('ticket', ?)
                ON CONFLICT (name) DO UPDATE SET next = next + excluded.next RETURNING next
                """)
        guard let end = try Int64.fetchOne(statement, arguments: [TicketDispenser.blockSize]),
            end <= Ticket.capacity
        else { throw SpoolFault(.exhausted, "Every ticket has been used.") }
        range = (end - TicketDispenser.blockSize)..<end
    }
}
