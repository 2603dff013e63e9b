public import Exchange
internal import Synchronization

/// A destination that never has more than some deliveries under way: further ones are deferred for as long as it will
/// about take until it is their turn.
///
/// All destinations share the delivering threads. One that is slow, but not dead, would end up with all of them; waiting
/// here for a slot would hold a thread as well. With at least as many threads as all destinations have slots together,
/// none ever keeps another from delivering. Goes around `BreakingDestination`, which must not take a full house for a
/// failure.
public final class BoundedDestination: Destination {
    private let name: String
    private let destination: any Destination
    private let slots: Int
    private let house: Mutex<House>
    private let clock: @Sendable () -> ContinuousClock.Instant

    private static let mostUnconfirmed = 256

    private struct House {
        var busy = 0
        /// Deliveries sent away that have not come back yet, as far as one can tell.
        var sentAway = 0
        /// Found no slot.
        var unconfirmed: [Ticket] = []
        /// How long a delivery takes, the last ones counting most.
        var usual = Duration.milliseconds(250)
    }

    /// - Parameters:
    ///   - name: as the operator calls it.
    ///   - slots: at least 1.
    public convenience init(_ name: String, _ destination: any Destination, slots: Int) {
        self.init(name, destination, slots: slots, clock: { .now })
    }

    init(
        _ name: String, _ destination: any Destination, slots: Int,
        clock: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        precondition(slots > 0, "a destination without slots takes nothing")
        self.name = name
        self.destination = destination
        self.slots = slots
        self.clock = clock
        house = Mutex(House())
    }

    public func deliver(_ delivery: Delivery) throws(Deferral) {
        if let pause = enter() {
            throw Deferral(
                .destinationUnavailable,
                "The destination \(name) is busy with \(slots) other sets; it takes no more at once.",
                pause: pause)
        }
        let begun = clock()
        defer { leave(after: clock() - begun) }
        try destination.deliver(delivery)
    }

    /// Takes a slot as a delivery does; when there is none, these are confirmed together with the next ones, or, when very many
    /// found none, never.
    public func confirm(_ tickets: [Ticket]) {
        let all: [Ticket]? = house.withLock { house in
            house.unconfirmed = (house.unconfirmed + tickets).suffix(BoundedDestination.mostUnconfirmed)
            guard house.busy < slots else { return nil }
            house.busy += 1
            defer { house.unconfirmed = [] }
            return house.unconfirmed
        }
        guard let all else { return }
        defer { house.withLock { $0.busy -= 1 } }
        destination.confirm(all)
    }

    /// Nil: a slot is taken. Otherwise the time until one should be free, counting those who wait already; between a
    /// quarter of a second and a minute.
    private func enter() -> Duration? {
        house.withLock { house in
            guard house.busy >= slots else {
                house.busy += 1
                house.sentAway = max(0, house.sentAway - 1)
                return nil
            }
            house.sentAway += 1
            let pause = house.usual * house.sentAway / slots
            return min(max(pause, .milliseconds(250)), .seconds(60))
        }
    }

    private func leave(after time: Duration) {
        house.withLock { house in
            house.busy -= 1
            house.usual = (house.usual * 7 + time) / 8
        }
    }
}
