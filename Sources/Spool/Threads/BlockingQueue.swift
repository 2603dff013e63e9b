internal import Exchange
internal import Foundation

/// A first-in first-out queue between threads. Once closed it takes nothing more and hands out what it still
/// holds.
///
/// `@unchecked Sendable`: `condition` guards all that changes.
final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = SteadyCondition()
    private var elements = FIFO<Element>()
    /// When what is there must be handed out at the latest, by the clock that does not jump; nil when nothing is there.
    private var due: TimeInterval?
    private var isClosed = false

    var count: Int {
        condition.withLock { elements.count }
    }

    /// False when the queue is closed; the element was not taken then.
    ///
    /// - Parameter patience: seconds it may wait for others to be handed out together with.
    func push(_ element: Element, patience: TimeInterval = 0) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return false }
        elements.append(element)
        let now = patience > 0 ? SteadyTime.now : 0
        let isFirst = due == nil
        due = min(due ?? .infinity, patience > 0 ? now + patience : 0)
        if patience == 0 || isFirst || due ?? 0 <= now { condition.signal() }
        return true
    }

    private var patienceLeft: TimeInterval {
        guard let due, due > 0 else { return 0 }
        return due - SteadyTime.now
    }

    /// Waits until there is an element that has no patience any more and takes all there are, oldest first, up to
    /// `limit`; nil when the queue is closed and empty.
    func take(atMost limit: Int) -> [Element]? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if !elements.isEmpty {
                let left = isClosed ? 0 : patienceLeft
                if left <= 0 { break }
                _ = condition.wait(atMost: left)
            } else if isClosed {
                return nil
            } else {
                condition.wait()
            }
        }
        let taken = elements.popFirst(atMost: limit)
        if elements.isEmpty { due = nil }
        return taken
    }

    /// Takes nothing more.
    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }
}
