internal import Synchronization

/// Things of which each is in one request's hand at a time.
final class InHand<Thing: Hashable & Sendable>: Sendable {
    private let things = Mutex<Set<Thing>>([])

    /// False when another request has it.
    func take(_ thing: Thing) -> Bool {
        things.withLock { $0.insert(thing).inserted }
    }

    func giveBack(_ thing: Thing) {
        things.withLock { _ = $0.remove(thing) }
    }
}
