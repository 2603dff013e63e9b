internal import Exchange
internal import Synchronization

/// Which homes have files arriving and which a GO waiting; those are kept in memory, whoever else refers to
/// them.
final class HomeWatch: Sendable {
    private struct Homes {
        var occupied: [SenderNumber: Home] = [:]
        var waiting: [SenderNumber: Home] = [:]
        var isForgotten = false
    }

    private let homes = Mutex(Homes())
    /// Nudged when the first GO begins to wait.
    let ticker = Ticker()

    func note(_ home: Home, isOccupied: Bool, hasEarlyTriggers: Bool) {
        homes.withLock { homes in
            guard !homes.isForgotten else { return }
            homes.occupied[home.sender] = isOccupied ? home : nil
            homes.waiting[home.sender] = hasEarlyTriggers ? home : nil
        }
        if hasEarlyTriggers { ticker.nudge() }
    }

    /// Homes refer to their watch: whoever closes the spool lets go of both, for good.
    func forget() {
        let known = homes.withLock { homes in
            defer { homes = Homes(isForgotten: true) }
            return homes
        }
        // Not under the lock: a home that ends may come back here.
        withExtendedLifetime(known) {}
    }

    var occupied: [Home] { homes.withLock { Array($0.occupied.values) } }
    var waiting: [Home] { homes.withLock { Array($0.waiting.values) } }
}
