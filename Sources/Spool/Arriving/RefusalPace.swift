internal import Exchange
internal import Foundation

/// How fast a sender may go on whose sets are refused one after another, so that it does not slow down the others.
///
/// What adds nothing (a refused set, a repeat, a GO without its files) is owed; `perSecond` of it are let off every second, and
/// an accepted set makes up for one. Who owes more than `burst` pauses, for `longestPause` at the most from then on, so that
/// nobody waits long for an answer. Times are in seconds of a monotonic clock.
struct RefusalPace {
    /// Owed before there is any pause.
    static var burst: Double { 50 }
    static var longestPause: TimeInterval { 10 }
    /// Senders kept before those who owe nothing any more are forgotten.
    private static var mostKept: Int { 1000 }

    private struct Debt {
        var owed = 0.0
        /// As of when.
        var at: TimeInterval
        /// Of the last one, or the one under way.
        var pauseEnd: TimeInterval?
        /// It was said that there is a pause.
        var isTold = false
    }

    private let perSecond: Double
    private var debts: [SenderNumber: Debt] = [:]
    private var most = RefusalPace.mostKept

    /// Senders kept.
    var count: Int { debts.count }

    init(perSecond: Double) {
        self.perSecond = perSecond
    }

    /// True when it is the first that brings a pause about since nothing was owed.
    mutating func charge(_ sender: SenderNumber, at now: TimeInterval) -> Bool {
        let owed = owed(by: sender, at: now)
        var debt = owed > 0 ? debts[sender] ?? Debt(at: now) : Debt(at: now)
        debt.at = now
        debt.owed = min(owed + 1, RefusalPace.burst + RefusalPace.longestPause * perSecond)
        var isFirst = false
        if debt.owed > RefusalPace.burst {
            debt.pauseEnd = now + (debt.owed - RefusalPace.burst) / perSecond
            isFirst = !debt.isTold
            debt.isTold = true
        }
        debts[sender] = debt
        if debts.count > most { forget(at: now) }
        return isFirst
    }

    mutating func forgive(_ sender: SenderNumber) {
        debts[sender]?.owed -= 1
    }

    /// Seconds until more of the sender is wanted; 0 when it is wanted now.
    func pause(of sender: SenderNumber, at now: TimeInterval) -> TimeInterval {
        max(0, owed(by: sender, at: now) - RefusalPace.burst) / perSecond
    }

    /// Nil when there was none since nothing was owed.
    func lastPauseEnd(of sender: SenderNumber) -> TimeInterval? {
        debts[sender]?.pauseEnd
    }

    private func owed(by sender: SenderNumber, at now: TimeInterval) -> Double {
        debts[sender].map { max(0, $0.owed - (now - $0.at) * perSecond) } ?? 0
    }

    private mutating func forget(at now: TimeInterval) {
        debts = debts.filter { owed(by: $0.key, at: now) > 0 }
        most = max(RefusalPace.mostKept, 2 * debts.count)
    }
}
