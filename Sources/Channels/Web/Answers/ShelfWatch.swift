internal import Exchange
internal import ServiceLifecycle
internal import Synchronization

/// Tells requests that wait for answers that there are new ones. The shelf calls nobody, so it is looked at: one look
/// for all who wait at one place, one after the other. However many wait, one thread of the service is busy.
final class ShelfWatch: Sendable {
    /// Where a list goes on.
    struct Place: Hashable, Sendable {
        let sender: SenderNumber
        let cursor: Int64
        let isUnconfirmedOnly: Bool

        init(of sender: SenderNumber, _ query: AnswerQuery) {
            self.sender = sender
            cursor = query.cursor
            isUnconfirmedOnly = query.isUnconfirmedOnly
        }
    }

    private struct Waiter {
        let occasion: Occasion
        let end: ContinuousClock.Instant
    }

    private struct State {
        var waiters: [Place: [Waiter]] = [:]
        var isLooking = false
    }

    /// Between two rounds: short enough that nobody notices, long enough that those who wait cost next to nothing.
    private static let pause = Duration.milliseconds(250)

    private let exchange: WebExchange
    private let state = Mutex(State())

    init(_ exchange: WebExchange) {
        self.exchange = exchange
    }

    /// Returns when there may be an answer behind the place, soon after `end`, or when the service is stopping.
    func wait(at place: Place, until end: ContinuousClock.Instant) async {
        let occasion = Occasion()
        let isFirst = state.withLock { state in
            defer { state.isLooking = true }
            state.waiters[place, default: []].append(Waiter(occasion: occasion, end: end))
            return !state.isLooking
        }
        if isFirst { Task { await look() } }
        await withGracefulShutdownHandler {
            await occasion.wait()
        } onGracefulShutdown: {
            occasion.come()
        }
    }

    /// Goes round until nobody waits.
    private func look() async {
        while true {
            try? await Task.sleep(for: ShelfWatch.pause)
            guard let places = places(at: .now) else { return }
            for place in places where await isWorthReading(place) { call(place) }
        }
    }

    /// Where somebody waits still; nil when nobody does, and the looking ends.
    private func places(at now: ContinuousClock.Instant) -> [Place]? {
        state.withLock { state in
            for (place, waiters) in state.waiters {
                for waiter in waiters where waiter.end <= now { waiter.occasion.come() }
                let rest = waiters.filter { !$0.occasion.isOver }
                state.waiters[place] = rest.isEmpty ? nil : rest
            }
            state.isLooking = !state.waiters.isEmpty
            return state.isLooking ? Array(state.waiters.keys) : nil
        }
    }

    /// Also when the shelf cannot be read: who waits shall hear of it.
    private func isWorthReading(_ place: Place) async -> Bool {
        let found = try? await exchange.threads.run { [exchange] in
            try exchange.shelf.answers(
                of: place.sender, after: place.cursor, unconfirmedOnly: place.isUnconfirmedOnly, limit: 1)
        }
        return found?.isEmpty != true
    }

    private func call(_ place: Place) {
        let waiters = state.withLock { $0.waiters.removeValue(forKey: place) ?? [] }
        for waiter in waiters { waiter.occasion.come() }
    }
}
