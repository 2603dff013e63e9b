import Exchange
import TestServers
import Testing

@testable import Channels

@Suite struct CircuitBreakerTests {
    private let start = ContinuousClock.now
    private static let policy = CircuitBreaker.Policy(
        threshold: 3, shortest: .seconds(1), longest: .seconds(300))

    private func ticket(_ counter: Int) -> Ticket { Ticket(.set, counter: Int64(counter)) }

    /// Three sets deferred one after the other at `start`.
    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(Self.policy)
        for counter in 0..<3 {
            let admission = breaker.admit(at: start)
            breaker.deferred(ticket(counter), as: admission, at: start, chance: 0)
        }
        return breaker
    }

    @Test func `it stays closed until enough sets in a row were deferred`() {
        var breaker = CircuitBreaker(Self.policy)
        for counter in 0..<2 { breaker.deferred(ticket(counter), as: .pass, at: start, chance: 0) }
        #expect(breaker.state == .closed)
        breaker.taken()
        for counter in 3..<5 { breaker.deferred(ticket(counter), as: .pass, at: start, chance: 0) }
        #expect(breaker.state == .closed)
        breaker.deferred(ticket(5), as: .pass, at: start, chance: 0)
        #expect(breaker.state == .open(until: start + .seconds(1)))
    }

    @Test func `one set that is deferred for ever does not open it`() {
        var breaker = CircuitBreaker(Self.policy)
        for _ in 0..<100 { breaker.deferred(ticket(1), as: .pass, at: start, chance: 0) }
        #expect(breaker.state == .closed)
        #expect(breaker.admit(at: start) == .pass)
    }

    @Test func `open, it lets none pass before the pause is over and then one`() {
        var breaker = opened()
        #expect(breaker.admit(at: start) == .refused(.seconds(1)))
        #expect(breaker.admit(at: start + .milliseconds(999)) == .refused(.milliseconds(1)))
        #expect(breaker.admit(at: start + .seconds(1)) == .trial)
        #expect(breaker.state == .trying)
        #expect(breaker.admit(at: start + .seconds(1)) == .refused(.seconds(1)))
        #expect(breaker.admit(at: start + .seconds(9)) == .refused(.seconds(1)))
    }

    @Test func `a trial that is taken closes it, with the shortest pause again`() {
        var breaker = opened()
        var now = start + .seconds(1)
        for _ in 0..<3 {
            let admission = breaker.admit(at: now)
            breaker.deferred(ticket(9), as: admission, at: now, chance: 0)
            now += .seconds(300)
        }
        #expect(breaker.admit(at: now) == .trial)
        breaker.taken()
        #expect(breaker.state == .closed)
        for counter in 0..<3 { breaker.deferred(ticket(counter), as: .pass, at: now, chance: 0) }
        #expect(breaker.state == .open(until: now + .seconds(1)))
    }

    @Test func `the pause doubles up to five minutes`() {
        var breaker = opened()
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<11 {
            guard case .open(let until) = breaker.state else { Issue.record("not open"); return }
            pauses.append(until - now)
            now = until
            let admission = breaker.admit(at: now)
            breaker.deferred(ticket(9), as: admission, at: now, chance: 0)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { .seconds($0) })
    }

    @Test func `chance lengthens the pause by up to a quarter`() {
        for (chance, milliseconds) in [(0.0, 1000), (0.5, 1125), (1.0, 1250)] {
            var breaker = CircuitBreaker(Self.policy)
            for counter in 0..<3 { breaker.deferred(ticket(counter), as: .pass, at: start, chance: chance) }
            #expect(breaker.state == .open(until: start + .milliseconds(milliseconds)))
        }
    }

    @Test func `what was let pass before it opened does not lengthen the pause, but closes it when taken`() {
        var breaker = opened()
        for counter in 10..<20 { breaker.deferred(ticket(counter), as: .pass, at: start, chance: 0) }
        #expect(breaker.state == .open(until: start + .seconds(1)))
        #expect(breaker.admit(at: start + .seconds(1)) == .trial)
        breaker.deferred(ticket(20), as: .pass, at: start + .seconds(1), chance: 0)
        #expect(breaker.state == .trying)
        breaker.taken()
        #expect(breaker.state == .closed)
    }

    @Test func `a trial that says nothing of the destination is followed by another at once`() {
        var breaker = opened()
        let now = start + .seconds(1)
        let admission = breaker.admit(at: now)
        breaker.undecided(as: admission, at: now)
        #expect(breaker.admit(at: now) == .trial)
        breaker.undecided(as: .pass, at: now)
        #expect(breaker.state == .trying)
    }

    @Test(arguments: 0..<50)
    func `whatever happens, there is one trial at a time and none before its time`(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var breaker = CircuitBreaker(Self.policy)
        var now = start
        var underWay: [CircuitBreaker.Admission] = []
        for counter in 0..<500 {
            now += .milliseconds(Int.random(in: 0...800, using: &generator))
            if Bool.random(using: &generator) || underWay.isEmpty {
                let before = breaker.state
                let admission = breaker.admit(at: now)
                if case .refused(let pause) = admission {
                    #expect(pause > .zero && pause <= .seconds(375))
                    continue
                }
                if case .open(let until) = before { #expect(now >= until && admission == .trial) }
                underWay.append(admission)
                // A trial that a success elsewhere made superfluous may still be under way beside the next one.
                if breaker.state == .trying { #expect(underWay.contains(.trial)) }
            } else {
                let admission = underWay.remove(at: Int.random(in: 0..<underWay.count, using: &generator))
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: breaker.taken()
                case 1: breaker.undecided(as: admission, at: now)
                default: breaker.deferred(ticket(counter), as: admission, at: now, chance: 0.3)
                }
            }
        }
        // However it ended, the destination is tried again.
        while !underWay.isEmpty { breaker.deferred(ticket(0), as: underWay.removeLast(), at: now, chance: 0) }
        let later = breaker.admit(at: now + .seconds(400))
        #expect(later == .pass || later == .trial)
    }
}
