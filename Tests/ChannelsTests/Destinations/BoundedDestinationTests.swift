import Exchange
import Foundation
import Synchronization
import Testing

@testable import Channels

/// A destination whose deliveries wait until let go.
private final class GatedDestination: Destination {
    private let gate = DispatchSemaphore(value: 0)
    private let entered = DispatchSemaphore(value: 0)
    private let deferral: Deferral?

    init(_ deferral: Deferral? = nil) {
        self.deferral = deferral
    }

    func deliver(_ delivery: Delivery) throws(Deferral) {
        entered.signal()
        gate.wait()
        if let deferral { throw deferral }
    }

    let confirmed = Mutex<[[Ticket]]>([])

    func confirm(_ tickets: [Ticket]) { confirmed.withLock { $0.append(tickets) } }

    func awaitEntered() { entered.wait() }
    func letGo() { gate.signal() }
}

@Suite struct BoundedDestinationTests {
    private func delivery(_ counter: Int64) -> Delivery {
        Delivery(ticket: Ticket(.set, counter: counter), files: [], manifest: [])
    }

    private func pause(_ destination: BoundedDestination) -> Duration? {
        do {
            try destination.deliver(delivery(99))
            return nil
        } catch {
            #expect(error.reason == .destinationUnavailable)
            #expect(error.sentence.contains("slow one"))
            return error.pause
        }
    }

    @Test(arguments: [nil, Deferral(.destinationUnavailable, "It is down.")])
    func `beyond its slots nothing is begun, and afterwards there is room again`(_ deferral: Deferral?) throws
    {
        let gated = GatedDestination(deferral)
        let bounded = BoundedDestination("slow one", gated, slots: 2)
        let threads = (0..<2).map { counter in
            TestThread { try? bounded.deliver(delivery(Int64(counter))) }
        }
        for _ in 0..<2 { gated.awaitEntered() }
        #expect(pause(bounded) != nil)
        gated.letGo()
        gated.letGo()
        for thread in threads { thread.join() }
        let next = TestThread { try? bounded.deliver(delivery(3)) }
        gated.awaitEntered()
        gated.letGo()
        next.join()
    }

    @Test func `what is confirmed takes a slot, and without one it is confirmed with the next`() {
        let gated = GatedDestination()
        let bounded = BoundedDestination("slow one", gated, slots: 1)
        let tickets = (1...4).map { Ticket(.set, counter: $0) }
        bounded.confirm([tickets[0]])
        let thread = TestThread { try? bounded.deliver(delivery(9)) }
        gated.awaitEntered()
        bounded.confirm([tickets[1]])
        bounded.confirm([tickets[2]])
        gated.letGo()
        thread.join()
        bounded.confirm([tickets[3]])
        #expect(gated.confirmed.withLock { $0 } == [[tickets[0]], Array(tickets[1...])])
        gated.letGo()
        #expect(pause(bounded) == nil, "the slot is free again")
    }

    @Test func `the pause grows with those who wait and with how long a delivery takes`() {
        let clock = HandClock()
        let gated = GatedDestination()
        let bounded = BoundedDestination("slow one", gated, slots: 1, clock: { clock.now })
        func occupy(_ body: () -> Void) {
            let thread = TestThread { try? bounded.deliver(delivery(1)) }
            gated.awaitEntered()
            body()
            gated.letGo()
            thread.join()
        }
        occupy {
            #expect((0..<4).map { _ in pause(bounded) } == [250, 500, 750, 1000].map { .milliseconds($0) })
            clock.advance(by: .seconds(80))
        }
        // One of the four is taken to be back; a delivery now usually takes (7 × 0.25 s + 80 s) / 8.
        occupy {
            #expect(pause(bounded) == .milliseconds(40_875))
            for _ in 0..<100 { _ = pause(bounded) }
            #expect(pause(bounded) == .seconds(60))
        }
    }

    @Test func `one slow destination leaves the threads to the others`() {
        let gated = GatedDestination()
        let slow = BoundedDestination("slow one", gated, slots: 2)
        let quick = ObedientDestination()
        let queue = Mutex<[any Destination]>(
            Array(repeating: slow as any Destination, count: 50) + Array(repeating: quick, count: 50))
        // Three threads, as the pipeline has them, with all the sets of the slow destination before the others.
        let threads = (0..<3).map { _ in
            TestThread {
                while let next = queue.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                    try? next.deliver(delivery(1))
                }
            }
        }
        while quick.attempts < 50 { usleep(10_000) }
        #expect(quick.attempts == 50)
        gated.letGo()
        gated.letGo()
        for thread in threads { thread.join() }
    }
}
