internal import Foundation
internal import Synchronization

/// Syncs that are shared: whoever asks for the sync of a directory while one is under way waits for the next one
/// together with all others that do. A sync covers what was done before it began, so nobody is served by one that was
/// under way when he came; and when it fails, it failed for everyone it was for, and for those of the next two, whenever
/// they come: the kernel tells of a lost write once only, and what was lost may be theirs, who made their change while
/// that sync was under way and ask later. Not for all that follow, or a busy directory would never be well again; so
/// those who try again and again may use up what was meant for others.
final class SharedSyncs: Sendable {
    private let places = Mutex<[String: Place]>([:])

    private struct Place {
        /// A sync is under way, or about to be.
        var isBusy = true
        /// The one that begins when the one under way has ended; nil when nobody waits.
        var next: Round?
        /// How the last two ended, when nobody waited for another.
        var earlier: Round.Faults = (nil, nil)
    }

    /// Has `name` synced by `body`, on this thread or that of another caller.
    func sync(_ name: String, _ body: () throws(SystemFault) -> Void) throws(SystemFault) {
        let (round, isMine) = places.withLock { SharedSyncs.enter(name, &$0) }
        guard isMine else { return try round.wait() }
        let (last, lastButOne) = round.waitForTurn()
        // From here on it covers nobody who comes.
        places.withLock { if $0[name]?.next === round { $0[name]?.next = nil } }
        var own: SystemFault?
        do throws(SystemFault) { try body() } catch { own = error }
        places.withLock { places in
            // What could not even be opened has lost nothing.
            let lost = own?.operation == OpenFile.syncing ? own : nil
            if let next = places[name]?.next {
                next.begin(after: (lost, last))
            } else {
                let isWell = lost == nil && last == nil
                places[name] = isWell ? nil : Place(isBusy: false, earlier: (lost, last))
            }
        }
        let fault = own ?? last ?? lastButOne
        round.end(fault)
        if let fault { throw fault }
    }

    /// `name` is gone.
    func forget(_ name: String) {
        places.withLock { if $0[name]?.isBusy == false { $0[name] = nil } }
    }

    /// `name` is moved below another directory, and what was lost with it.
    func hand(_ name: String, to other: SharedSyncs) {
        let place = places.withLock { $0[name] }
        guard let place, !place.isBusy else { return }
        forget(name)
        other.places.withLock { if $0[name] == nil { $0[name] = place } }
    }

    /// How many wait for the sync of `name` that comes next.
    func waiting(_ name: String) -> Int {
        places.withLock { $0[name]?.next?.members ?? 0 }
    }

    /// The round the caller belongs to, and whether it is the one to run it.
    private static func enter(_ name: String, _ places: inout [String: Place]) -> (Round, Bool) {
        guard let place = places[name], place.isBusy else {
            let earlier = places[name]?.earlier ?? (nil, nil)
            places[name] = Place()
            return (Round(isTurn: true, after: earlier), true)
        }
        if let next = place.next {
            next.members += 1
            return (next, false)
        }
        let next = Round(isTurn: false)
        places[name]?.next = next
        return (next, true)
    }
}

/// One sync and who waits for it.
///
/// `@unchecked Sendable`: `condition` guards all that changes but `members`, which the lock over all places does.
private final class Round: @unchecked Sendable {
    /// How the two rounds before failed.
    typealias Faults = (last: SystemFault?, lastButOne: SystemFault?)

    var members = 1
    private let condition = NSCondition()
    private var isTurn: Bool
    private var earlier: Faults
    private var outcome: SystemFault??

    init(isTurn: Bool, after earlier: Faults = (nil, nil)) {
        self.isTurn = isTurn
        self.earlier = earlier
    }

    /// Returns how the two rounds before failed.
    func waitForTurn() -> Faults {
        condition.lock()
        defer { condition.unlock() }
        while !isTurn { condition.wait() }
        return earlier
    }

    func begin(after earlier: Faults) {
        condition.withLock {
            isTurn = true
            self.earlier = earlier
            condition.broadcast()
        }
    }

    func end(_ fault: SystemFault?) {
        condition.withLock {
            outcome = .some(fault)
            condition.broadcast()
        }
    }

    func wait() throws(SystemFault) {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let outcome {
                if let fault = outcome { throw fault }
                return
            }
            condition.wait()
        }
    }
}
