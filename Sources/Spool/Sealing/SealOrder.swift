internal import Exchange
internal import Synchronization

/// Has the sets of one sender committed in the order of their reception, although they are synced side by
/// side: a set whose files are durable waits here for those received before it.
final class SealOrder: Sendable {
    typealias Step = @Sendable () -> Void

    private struct Line {
        var tickets: [Ticket] = []
        var ready: [Ticket: Step] = [:]
        /// A thread is running steps; it will run those that become ready meanwhile.
        var isRunning = false
    }

    private let line = Mutex(Line())

    /// A set was received.
    func enter(_ ticket: Ticket) {
        line.withLock { $0.tickets.append(ticket) }
    }

    /// Has `step` run, on this thread or that of another set, once every set received before passed.
    /// Called once for every set that entered. No lock is held while a step runs.
    func pass(_ ticket: Ticket, _ step: @escaping Step = {}) {
        let isMine = line.withLock { line in
            line.ready[ticket] = step
            if line.isRunning { return false }
            line.isRunning = true
            return true
        }
        guard isMine else { return }
        while let step = line.withLock({ SealOrder.next(&$0) }) { step() }
    }

    private static func next(_ line: inout Line) -> Step? {
        guard let ticket = line.tickets.first, let step = line.ready.removeValue(forKey: ticket) else {
            line.isRunning = false
            return nil
        }
        line.tickets.removeFirst()
        return step
    }
}
