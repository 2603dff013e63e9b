internal import Exchange
internal import Foundation

/// A queue between threads in which senders take turns: nobody waits for all that another one has waiting.
final class TurnQueue<Element: Sendable>: @unchecked Sendable {
    // Unchecked: `condition` guards all that changes.
    private let condition = SteadyCondition()
    private var turns = Turns<Element>(share: .max, most: .max)
    private var isClosed = false

    var count: Int {
        condition.withLock { turns.count }
    }

    /// Dropped once the queue is closed.
    func push(_ element: Element, of sender: SenderNumber) {
        condition.withLock {
            guard !isClosed else { return }
            _ = turns.append(element, of: sender)
            condition.signal()
        }
    }

    /// Waits for an element; nil once the queue is closed, whatever it holds.
    func pop() -> Element? {
        condition.withLock {
            while !isClosed {
                if case .handOut(let element)? = turns.next() { return element }
                condition.wait()
            }
            return nil
        }
    }

    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }
}
