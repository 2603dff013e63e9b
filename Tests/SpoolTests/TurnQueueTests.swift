import Exchange
import Foundation
import Testing

@testable import Spool

@Suite struct TurnQueueTests {
    private let queue = TurnQueue<String>()
    private let one = SenderNumber.number(1)
    private let two = SenderNumber.number(2)

    @Test func `a sender does not wait for all that another has waiting`() {
        for number in 1...1000 { #expect(queue.push("a\(number)", of: one)) }
        #expect(queue.push("b1", of: two) && queue.push("b2", of: two))
        #expect(queue.count == 1002)
        let first = (1...4).map { _ in queue.pop() }
        #expect(first == ["a1", "b1", "a2", "b2"])
        let rest = (3...1000).map { _ in queue.pop() }
        #expect(rest == (3...1000).map { "a\($0)" })
        #expect(queue.count == 0)
    }

    @Test(arguments: [false, true])
    func `what it holds at the end is handed out, unless it is to be dropped`(discards: Bool) {
        #expect(queue.push("a", of: one) && queue.push("b", of: two))
        queue.close(discarding: discards)
        #expect(!queue.push("c", of: one))
        let rest = (1...3).map { _ in queue.pop() }
        #expect(rest == (discards ? [nil, nil, nil] : ["a", "b", nil]))
    }

    @Test func `who waits is woken by an element, and by the end`() {
        let popped = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        Thread { [queue] in
            while queue.pop() != nil { popped.signal() }
            ended.signal()
        }.start()
        #expect(queue.push("a", of: one))
        #expect(popped.wait(timeout: .now() + 60) == .success)
        queue.close()
        #expect(ended.wait(timeout: .now() + 60) == .success)
    }
}
