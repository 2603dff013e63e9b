import Foundation
import Testing

@testable import Spool

@Suite struct BlockingQueueTests {
    private let queue = BlockingQueue<Int>()

    @Test func `what has patience goes along with the next that has none`() {
        #expect(queue.push(1, patience: 3600) && queue.push(2, patience: 3600) && queue.push(3))
        #expect(queue.take(atMost: 10) == [1, 2, 3])
        #expect(queue.push(4, patience: 3600) && queue.push(5))
        #expect(queue.take(atMost: 1) == [4])
        #expect(queue.take(atMost: 1) == [5])
    }

    @Test func `patience ends, and it ends with the queue`() {
        #expect(queue.push(1, patience: 0.01))
        #expect(queue.take(atMost: 10) == [1])
        #expect(queue.push(2, patience: 3600))
        queue.close()
        #expect(!queue.push(3))
        #expect(queue.take(atMost: 10) == [2])
        #expect(queue.take(atMost: 10) == nil)
    }

    @Test func `who waits is woken by what has no patience, and by the end of the first that had some`() {
        let taken = DispatchSemaphore(value: 0)
        let results = Results()
        let thread = Thread { [queue] in
            while let group = queue.take(atMost: 10) {
                results.append(group)
                taken.signal()
            }
        }
        thread.start()
        #expect(queue.push(1, patience: 0.01))
        #expect(taken.wait(timeout: .now() + 60) == .success)
        #expect(queue.push(2, patience: 3600))
        #expect(queue.push(3))
        #expect(taken.wait(timeout: .now() + 60) == .success)
        queue.close()
        #expect(results.all == [[1], [2, 3]])
    }
}

/// `@unchecked Sendable`: `lock` guards all that changes.
private final class Results: @unchecked Sendable {
    private let lock = NSLock()
    private var groups: [[Int]] = []

    var all: [[Int]] { lock.withLock { groups } }

    func append(_ group: [Int]) { lock.withLock { groups.append(group) } }
}
