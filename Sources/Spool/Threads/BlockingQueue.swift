internal import Foundation

/// A first-in first-out queue between threads. Once closed it takes nothing more and hands out what it still
/// holds.
final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    // Unchecked: `condition` guards all that changes.
    private let condition = NSCondition()
    private var elements: [Element] = []
    private var head = 0
    private var isClosed = false

    var count: Int {
        condition.withLock { elements.count - head }
    }

    /// False when the queue is closed; the element was not taken then.
    func push(_ element: Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return false }
        elements.append(element)
        condition.signal()
        return true
    }

    /// Waits for an element; nil when the queue is closed and empty.
    func pop() -> Element? { take(atMost: 1)?.first }

    /// Waits until there is an element and takes all there are, oldest first, up to `limit`; nil when the
    /// queue is closed and empty.
    func take(atMost limit: Int) -> [Element]? {
        condition.lock()
        defer { condition.unlock() }
        while head == elements.count {
            if isClosed { return nil }
            condition.wait()
        }
        let taken = Array(elements[head...].prefix(limit))
        head += taken.count
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head > elements.count / 2 {
            elements.removeFirst(head)
            head = 0
        }
        return taken
    }

    /// Takes nothing more; with `discarding` what it holds is dropped.
    func close(discarding: Bool = false) {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        if discarding {
            elements.removeAll()
            head = 0
        }
        condition.broadcast()
    }
}
