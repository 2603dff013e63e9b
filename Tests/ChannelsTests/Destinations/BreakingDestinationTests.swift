import Exchange
import Foundation
import Synchronization
import Testing

@testable import Channels

/// A destination that does what it is told, and counts.
final class ObedientDestination: Destination {
    private let state: Mutex<(deferral: Deferral?, delivered: Int, confirmed: [Ticket])>

    init(_ deferral: Deferral? = nil) {
        state = Mutex((deferral, 0, []))
    }

    var attempts: Int { state.withLock { $0.delivered } }
    var confirmed: [Ticket] { state.withLock { $0.confirmed } }

    func answer(_ deferral: Deferral?) {
        state.withLock { $0.deferral = deferral }
    }

    func deliver(_ delivery: Delivery) throws(Deferral) {
        let deferral = state.withLock { state in
            state.delivered += 1
            return state.deferral
        }
        if let deferral { throw deferral }
    }

    func confirm(_ tickets: [Ticket]) {
        state.withLock { $0.confirmed += tickets }
    }
}

/// A clock that goes on when told to.
final class HandClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func advance(by duration: Duration) {
        time.withLock { $0 += duration }
    }
}

@Suite struct BreakingDestinationTests {
    private let clock = HandClock()
    private let inner = ObedientDestination(Deferral(.destinationUnavailable, "It is down."))
    private let breaking: BreakingDestination

    init() {
        breaking = BreakingDestination(
            "back-end", inner, .init(threshold: 2, shortest: .seconds(1), longest: .seconds(300)),
            clock: { [clock] in clock.now }, chance: { 0 })
    }

    private func delivery(_ counter: Int64) -> Delivery {
        Delivery(ticket: Ticket(.set, counter: counter), files: [], manifest: [])
    }

    /// What the delivery was deferred with; nil when taken.
    private func deliver(_ counter: Int64) -> Deferral? {
        do {
            try breaking.deliver(delivery(counter))
            return nil
        } catch {
            return error
        }
    }

    @Test func `open, it defers at once with its name and the pause that is left`() {
        #expect(deliver(1)?.sentence == "It is down.")
        #expect(deliver(2)?.sentence == "It is down.")
        clock.advance(by: .milliseconds(400))
        let deferral = deliver(3)
        #expect(deferral?.reason == .destinationUnavailable)
        #expect(deferral?.sentence.contains("back-end") == true)
        #expect(deferral?.pause == .milliseconds(600))
        #expect(inner.attempts == 2)
    }

    @Test func `half open, one trial decides`() {
        _ = (deliver(1), deliver(2))
        clock.advance(by: .seconds(1))
        #expect(deliver(3)?.sentence == "It is down.")
        #expect(deliver(4)?.pause == .seconds(2))
        clock.advance(by: .seconds(2))
        inner.answer(nil)
        #expect(deliver(3) == nil)
        inner.answer(Deferral(.destinationUnavailable, "It is down."))
        #expect(deliver(5)?.sentence == "It is down.", "one failure opened it again")
        #expect(inner.attempts == 5)
    }

    @Test func `a deferral for a reason of ours does not count`() {
        inner.answer(Deferral(.diskFault, "The held file is gone."))
        for counter in 1...10 { #expect(deliver(Int64(counter))?.reason == .diskFault) }
        #expect(inner.attempts == 10)
    }

    @Test func `what is delivered is confirmed, but not while it is open`() {
        let tickets = [Ticket(.set, counter: 1), Ticket(.set, counter: 2)]
        breaking.confirm([tickets[0]])
        _ = (deliver(1), deliver(2))
        breaking.confirm([tickets[1]])
        #expect(inner.confirmed == [tickets[0]])
    }
}
