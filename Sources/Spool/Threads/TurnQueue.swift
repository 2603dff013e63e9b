internal import Exchange
internal import Foundation

/// A queue between threads in which senders take turns: nobody waits for all that another one has waiting. Once closed it
/// takes nothing more and hands out what it still holds.
///
/// `@unchecked Sendable`: `condition` guards all that changes.
final class TurnQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = SteadyCondition()
    private var turns = TurnQueue.nothing
    private var isClosed = false

    private static var nothing: Turns<Element> { Turns(share: .max, most: .max) }

    var count: Int {
        condition.withLock { turns.count }
    }

    /// False when the queue is closed; the element was not taken then.
    func push(_ element: Element, of sender: SenderNumber) -> Bool {
        condition.withLock {
            if isClosed { return false }
            _ = turns.append(element, of: sender)
            condition.signal()
            return true
        }
    }

    /// Waits for an element; nil when the queue is closed and empty.
    func pop() -> Element? {
        condition.withLock {
            while true {
                if case .handOut(let element)? = turns.next() { return element }
                if isClosed { return nil }
                condition.wait()
            }
        }
    }

    /// With `discarding` what it holds is dropped.
    func close(discarding: Bool = false) {
        condition.withLock {
            isClosed = true
            if discarding { turns = TurnQueue.nothing }
            condition.broadcast()
        }
    }
}
