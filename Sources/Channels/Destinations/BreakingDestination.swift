public import Exchange
internal import Synchronization

/// A destination that is left alone while it is down: deliveries to it are then deferred at once, and no delivering
/// thread waits for its time-outs.
///
/// After `threshold` different sets in a row were deferred, nothing is delivered for a second; then one set is tried at
/// a time, and the pause doubles with each that is deferred, up to five minutes. Only `destination-unavailable` counts;
/// a deferral for a reason of ours says nothing of the destination.
public final class BreakingDestination: Destination {
    private let name: String
    private let destination: any Destination
    private let breaker: Mutex<CircuitBreaker>
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let chance: @Sendable () -> Double

    /// - Parameters:
    ///   - name: as the operator calls it.
    ///   - threshold: at least 1.
    public convenience init(_ name: String, _ destination: any Destination, threshold: Int = 5) {
        let policy = CircuitBreaker.Policy(
            threshold: threshold, shortest: .seconds(1), longest: .seconds(300))
        self.init(name, destination, policy, clock: { .now }, chance: { .random(in: 0...1) })
    }

    init(
        _ name: String, _ destination: any Destination, _ policy: CircuitBreaker.Policy,
        clock: @escaping @Sendable () -> ContinuousClock.Instant, chance: @escaping @Sendable () -> Double
    ) {
        self.name = name
        self.destination = destination
        breaker = Mutex(CircuitBreaker(policy))
        self.clock = clock
        self.chance = chance
    }

    public func deliver(_ delivery: Delivery) throws(Deferral) {
        let now = clock()
        let admission = breaker.withLock { $0.admit(at: now) }
        if case .refused(let pause) = admission {
            throw Deferral(
                .destinationUnavailable,
                "The destination \(name) did not take the sets before this one and is left alone for a while.",
                pause: pause)
        }
        do {
            try destination.deliver(delivery)
        } catch {
            note(error, of: delivery.ticket, admission)
            throw error
        }
        breaker.withLock { $0.taken() }
    }

    /// Nothing while the destination is down.
    public func confirm(_ tickets: [Ticket]) {
        guard breaker.withLock({ $0.state == .closed }) else { return }
        destination.confirm(tickets)
    }

    private func note(_ deferral: Deferral, of ticket: Ticket, _ admission: CircuitBreaker.Admission) {
        let (now, chance) = (clock(), chance())
        breaker.withLock { breaker in
            if deferral.reason == .destinationUnavailable {
                breaker.deferred(ticket, as: admission, at: now, chance: chance)
            } else {
                breaker.undecided(as: admission, at: now)
            }
        }
    }
}
