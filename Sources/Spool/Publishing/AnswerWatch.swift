internal import Exchange
internal import Foundation

/// Tells those who wait for an answer that it can be read, or that their time is over; on one thread, with no
/// lock held.
///
/// Time runs in ticks of the monotonic clock, so that a waiter costs two entries in two tables, whatever
/// number waits.
///
/// `@unchecked Sendable`: `condition` guards all that changes.
final class AnswerWatch: @unchecked Sendable {
    typealias Completion = @Sendable () -> Void

    private struct Waiter {
        var ticket: Ticket
        let tick: UInt64
        let completion: Completion
    }

    /// Seconds.
    private static let tick = 0.05
    /// Seconds nobody waits longer than.
    private static let longestWait: TimeInterval = 86_400

    private let condition = SteadyCondition()
    private var waiters: [UInt64: Waiter] = [:]
    private var byTicket: [Ticket: Set<UInt64>] = [:]
    private var byTick: [UInt64: Set<UInt64>] = [:]
    private var due: [Completion] = []
    private var lastWaiter: UInt64 = 0
    /// Every tick before it has passed.
    private var nextTick = AnswerWatch.now()
    private var isClosed = false

    /// - Returns: the number of the waiter; nil when it was told here and now, because nobody else does any more.
    func add(_ ticket: Ticket, within seconds: TimeInterval, _ completion: @escaping Completion) -> UInt64? {
        let waiter = enter(ticket, seconds, completion)
        if waiter == nil { completion() }
        return waiter
    }

    private func enter(_ ticket: Ticket, _ seconds: TimeInterval, _ completion: @escaping Completion)
        -> UInt64?
    {
        // The present tick has begun already.
        let wait = min(seconds, AnswerWatch.longestWait)
        let ticks = wait > 0 ? UInt64((wait / AnswerWatch.tick).rounded(.up)) + 1 : 0
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return nil }
        let now = AnswerWatch.now()
        if waiters.isEmpty { nextTick = now }
        let tick = max(nextTick, now + ticks)
        lastWaiter += 1
        waiters[lastWaiter] = Waiter(ticket: ticket, tick: tick, completion: completion)
        byTicket[ticket, default: []].insert(lastWaiter)
        byTick[tick, default: []].insert(lastWaiter)
        condition.signal()
        return lastWaiter
    }

    /// The answer is to be had; nothing happens when the waiter was told already.
    func tell(_ waiter: UInt64) {
        condition.lock()
        defer { condition.unlock() }
        take(waiter)
        condition.signal()
    }

    /// The waiter's answer is that of another set.
    func move(_ waiter: UInt64, to ticket: Ticket) {
        condition.lock()
        defer { condition.unlock() }
        move([waiter], to: ticket)
    }

    /// Whoever waits for the answer to a repeat waits for that to the first set.
    func noteRepeat(_ ticket: Ticket, of first: Ticket) {
        condition.lock()
        defer { condition.unlock() }
        move(byTicket[ticket] ?? [], to: first)
    }

    /// The answer to a set can be read.
    func noteReadable(_ ticket: Ticket) {
        condition.lock()
        defer { condition.unlock() }
        for waiter in byTicket[ticket] ?? [] { take(waiter) }
        if !due.isEmpty { condition.signal() }
    }

    /// The thread's body; returns when closed, after everyone was told.
    func run() {
        while let due = takeDue() {
            for completion in due { completion() }
        }
    }

    /// Tells everyone who waits.
    func close() {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        for waiter in waiters.keys { take(waiter) }
        condition.signal()
    }

    private func takeDue() -> [Completion]? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            expire()
            if !due.isEmpty {
                defer { due = [] }
                return due
            }
            if isClosed { return nil }
            if waiters.isEmpty {
                condition.wait()
            } else {
                _ = condition.wait(atMost: AnswerWatch.tick)
            }
        }
    }

    private func expire() {
        let now = AnswerWatch.now()
        guard !waiters.isEmpty, nextTick <= now else { return }
        for tick in nextTick...now {
            for waiter in byTick[tick] ?? [] { take(waiter) }
        }
        nextTick = now + 1
    }

    private func take(_ waiter: UInt64) {
        guard let entry = waiters.removeValue(forKey: waiter) else { return }
        AnswerWatch.remove(waiter, from: &byTicket, entry.ticket)
        AnswerWatch.remove(waiter, from: &byTick, entry.tick)
        due.append(entry.completion)
    }

    private func move(_ moved: Set<UInt64>, to ticket: Ticket) {
        for waiter in moved {
            guard let old = waiters[waiter]?.ticket else { continue }
            AnswerWatch.remove(waiter, from: &byTicket, old)
            waiters[waiter]?.ticket = ticket
            byTicket[ticket, default: []].insert(waiter)
        }
    }

    private static func remove<Key>(_ waiter: UInt64, from table: inout [Key: Set<UInt64>], _ key: Key) {
        table[key]?.remove(waiter)
        if table[key]?.isEmpty == true { table[key] = nil }
    }

    /// Ticks since some time before the process began.
    private static func now() -> UInt64 {
        UInt64(ProcessInfo.processInfo.systemUptime / tick)
    }
}
