internal import Exchange
internal import Foundation

/// Which account is looked at next: the one that is due longest, none twice at once. After a fault an account waits, or
/// all that share the log-in, or all of the server.
struct InboxSchedule {
    enum Turn {
        case look(InboxAccount, InboxMemory)
        /// Seconds until there may be something to do.
        case wait(TimeInterval)
    }

    private struct Entry {
        var account: InboxAccount
        var memory = InboxMemory()
        var dueAt: TimeInterval
        var backoff = Backoff()
        var isInHand = false
        /// No longer among the accounts, and in hand still.
        var isLeaving = false
        var hasFailed = false
    }

    /// Seconds: a look takes several sets.
    private static var shortestPause: TimeInterval { 1 }

    private var entries: [SenderNumber: Entry] = [:]
    /// Those that are neither in hand nor leaving, by when they may be looked at. Somebody else's fault may have put that
    /// off since.
    private var queue = InboxQueue()
    private var server = Backoff()
    /// Who tries a server that was not reached.
    private var scout: SenderNumber?
    private var logIns: [RemoteLogIn: Backoff] = [:]
    private var refreshAt: TimeInterval = 0
    private let interval: TimeInterval

    init(interval: TimeInterval) {
        self.interval = interval
    }

    /// True for one caller in each interval, who then brings the accounts.
    mutating func wantsAccounts(at now: TimeInterval) -> Bool {
        guard now >= refreshAt else { return false }
        refreshAt = now + interval
        return true
    }

    mutating func replace(_ accounts: [InboxAccount], at now: TimeInterval) {
        var old = entries
        entries = [:]
        for account in accounts where entries[account.sender] == nil {
            var entry = old.removeValue(forKey: account.sender) ?? Entry(account: account, dueAt: now)
            if entry.account.home != account.home { entry.memory = InboxMemory() }
            if entry.account != account { entry.backoff = Backoff() }
            entry.account = account
            entry.isLeaving = false
            entries[account.sender] = entry
        }
        for var entry in old.values where entry.isInHand {
            entry.isLeaving = true
            entries[entry.account.sender] = entry
        }
        let used = Set(entries.values.map(\.account.logIn))
        logIns = logIns.filter { used.contains($0.key) }
        queueUp()
    }

    /// All of them anew.
    private mutating func queueUp() {
        queue = InboxQueue()
        for entry in entries.values where !entry.isInHand && !entry.isLeaving {
            queue.add(entry.account.sender, at: waitsUntil(entry))
        }
    }

    mutating func next(at now: TimeInterval) -> Turn {
        if server.failures > 0, !server.isOver(at: now) || scout != nil {
            return .wait(max(server.until - now, 0.1))
        }
        while let (sender, time) = queue.first {
            guard time <= now else { return .wait(max(min(time, refreshAt), now) - now) }
            queue.removeFirst()
            guard let entry = entries[sender] else { preconditionFailure("an account in the queue is kept") }
            let dueAt = waitsUntil(entry)
            guard dueAt <= now else {
                queue.add(sender, at: dueAt)
                continue
            }
            entries[sender]?.isInHand = true
            if server.failures > 0 { scout = sender }
            return .look(entry.account, entry.memory)
        }
        return .wait(max(refreshAt, now) - now)
    }

    private func waitsUntil(_ entry: Entry) -> TimeInterval {
        max(entry.dueAt, entry.backoff.until, logIns[entry.account.logIn]?.until ?? 0)
    }

    /// Puts an account back after a look. Returns what is new about it, to be logged.
    ///
    /// - Parameter again: seconds until what was left is wanted; nil when nothing was left.
    mutating func finish(
        _ account: InboxAccount, _ memory: InboxMemory, _ fault: InboxFault?, again: TimeInterval?,
        _ clock: InboxClock
    ) -> InboxNews? {
        let now = clock.seconds()
        if scout == account.sender { scout = nil }
        let wasReached = server.failures == 0
        let isAtFault = note(fault, account.logIn, at: now)
        guard var entry = entries[account.sender] else { preconditionFailure("an account in hand is kept") }
        entries[account.sender] = nil
        guard !entry.isLeaving else { return nil }
        entry.isInHand = false
        let rest = again.map { $0 > 0 ? max($0, InboxSchedule.shortestPause) : 0 }
        entry.dueAt = now + (rest ?? (fault == nil ? interval : 0))
        let hadFailed = entry.hasFailed
        entry.hasFailed = fault != nil
        if entry.account.home == account.home { entry.memory = memory }
        if fault == nil {
            entry.backoff = Backoff()
        } else if isAtFault {
            entry.backoff.extend(at: now)
        }
        entries[account.sender] = entry
        queue.add(account.sender, at: waitsUntil(entry))
        if wasReached != (server.failures == 0) { return wasReached ? .serverLost : .serverBack }
        if !isAtFault && fault != nil { return nil }
        return hadFailed == (fault != nil) ? nil : hadFailed ? .accountBack : .accountLost
    }

    /// Whom a fault makes wait besides the account. True when the account waits itself.
    private mutating func note(_ fault: InboxFault?, _ logIn: RemoteLogIn, at now: TimeInterval) -> Bool {
        guard case .connecting(let remote)? = fault else {
            server = Backoff()
            // Those that share it wait no longer.
            if logIns.removeValue(forKey: logIn) != nil { queueUp() }
            return fault != nil
        }
        switch remote.kind {
        case .unreachable, .untrusted, .timedOut:
            if server.isOver(at: now) { server.extend(at: now) }
            return remote.kind == .timedOut
        default:
            server = Backoff()
            if logIns[logIn, default: Backoff()].isOver(at: now) {
                logIns[logIn, default: Backoff()].extend(at: now)
            }
            return true
        }
    }
}

/// What changed with a look, to be said once.
enum InboxNews {
    case serverLost, serverBack, accountLost, accountBack
}
