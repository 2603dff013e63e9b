internal import Exchange
internal import Foundation
internal import Synchronization

/// Due times are of the wall clock, because they outlive a restart. When somebody sets that back they go back with it,
/// so that nothing waits for the time that comes twice.
final class DueTimes: Sendable {
    /// Seconds of difference that are left alone.
    private static let tolerance: TimeInterval = 1

    private let ledger: Ledger
    private let committer: Committer
    private let undecided: LeaseQueue<UndecidedSet>
    private let undelivered: LeaseQueue<Void>
    private let clock: @Sendable () -> Date
    private let steady: @Sendable () -> Date
    /// By how much the wall clock was ahead of the steady one when due times were last right.
    private let lead: Mutex<TimeInterval>

    init(
        ledger: Ledger, committer: Committer, undecided: LeaseQueue<UndecidedSet>,
        undelivered: LeaseQueue<Void>, clock: @escaping @Sendable () -> Date,
        steady: @escaping @Sendable () -> Date
    ) {
        self.ledger = ledger
        self.committer = committer
        self.undecided = undecided
        self.undelivered = undelivered
        self.clock = clock
        self.steady = steady
        lead = Mutex(clock().timeIntervalSince(steady()))
    }

    /// To be called now and then.
    func followClock() throws(SpoolFault) {
        let now = clock()
        let present = now.timeIntervalSince(steady())
        let step = lead.withLock { $0 } - present
        let latest = now + DueTimes.tolerance
        let isBack = step > DueTimes.tolerance
        // Also what came while the clock was ahead for less time than lies between two calls.
        let isAhead = try ledger.read { try WaitingSets(db: $0, now: latest).hasSetsOfTheFuture() }
        if isBack || isAhead {
            try committer.commit { try SetWriting(db: $0, now: now).hasten(by: max(0, step)) }
            undecided.lookAnew()
            undelivered.lookAnew()
        }
        // Small steps add up until they are followed.
        if step < 0 || isBack { lead.withLock { $0 = present } }
    }
}
