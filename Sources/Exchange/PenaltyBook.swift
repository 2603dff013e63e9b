public import Foundation

/// Who failed to prove themselves how often, by network and by user. Pure: the time is given, in seconds of any clock
/// that does not jump. Whether an address is exempt is for the caller to know.
public struct PenaltyBook: Sendable {
    private struct Account {
        var failures = 0.0
        var lastFailure: TimeInterval
        /// Failures that were free at the last one.
        var free = 0
        var shutUntil: TimeInterval

        init(at now: TimeInterval) {
            lastFailure = now
            shutUntil = now
        }
    }

    /// What one failure was counted as, to take it back by.
    public struct Charge: Sendable {
        /// The names that were claimed.
        public let users: Set<String>
        /// What it costs the network, in seconds from then.
        public let seconds: TimeInterval
        fileprivate let network: String
        fileprivate let weight: Double
        fileprivate let shutUntil: TimeInterval
        /// Until when the network was shut out without this failure.
        fileprivate let shutBefore: TimeInterval
    }

    /// Networks, and users, remembered at the most; the one whose last failure is oldest goes first.
    public static let most = 10_000

    /// By which failures cost what.
    public let policy: PenaltyPolicy
    private var networks: [String: Account] = [:]
    private var users: [String: Account] = [:]

    /// Nobody has failed yet.
    public init(policy: PenaltyPolicy) {
        self.policy = policy
    }

    /// Seconds for which `network` is still shut out; 0 when it is not.
    public func penalty(of network: String, at now: TimeInterval) -> TimeInterval {
        guard let account = networks[network] else { return 0 }
        return max(0, account.shutUntil - now)
    }

    /// Counts a failure, or with a `weight` below 1 a part of one.
    ///
    /// - Parameter users: the names that were claimed, when any were; each counts.
    /// - Returns: nil when nothing was counted.
    public mutating func noteFailure(
        from network: String, as users: Set<String> = [], weight: Double = 1, at now: TimeInterval
    ) -> Charge? {
        guard policy.isOn else { return nil }
        var free = policy.freeFailures
        for user in users where add(weight, of: user, to: \.users, at: now) > Double(policy.userFailures) {
            free = 0
        }
        let penalty = penalty(for: add(weight, of: network, to: \.networks, at: now), free: free)
        let shutBefore = networks[network]?.shutUntil ?? now
        // Who is shut out by a name without free failures stays so when one under another name is taken back.
        let freeBefore = shutBefore > now ? networks[network]?.free ?? free : free
        networks[network]?.free = min(free, freeBefore)
        let shutUntil = max(shutBefore, now + penalty)
        networks[network]?.shutUntil = shutUntil
        return Charge(
            users: users, seconds: penalty, network: network, weight: weight, shutUntil: shutUntil,
            shutBefore: shutBefore)
    }

    /// Takes back a failure, and the time the network is shut out for by it: no longer after it than for those that are
    /// left, however many came and are forgiven in whatever order.
    public mutating func forgive(_ charge: Charge) {
        if var account = networks[charge.network] {
            account.failures = max(0, account.failures - charge.weight)
            if account.shutUntil == charge.shutUntil { account.shutUntil = charge.shutBefore }
            let left = account.lastFailure + penalty(for: account.failures, free: account.free)
            account.shutUntil = min(account.shutUntil, left)
            networks[charge.network] = account
        }
        for user in charge.users {
            guard let failures = users[user]?.failures else { continue }
            users[user]?.failures = max(0, failures - charge.weight)
        }
    }

    private func penalty(for failures: Double, free: Int) -> TimeInterval {
        let doublings = failures - Double(free) - 1
        return doublings < 0 ? 0 : min(policy.longest, policy.first * pow(2, min(doublings, 60)))
    }

    /// Returns the failures remembered, this one included.
    private mutating func add(
        _ weight: Double, of name: String, to accounts: WritableKeyPath<PenaltyBook, [String: Account]>,
        at now: TimeInterval
    ) -> Double {
        if self[keyPath: accounts][name] == nil, self[keyPath: accounts].count >= PenaltyBook.most,
            let oldest = self[keyPath: accounts].min(by: { $0.value.lastFailure < $1.value.lastFailure })
        {
            self[keyPath: accounts][oldest.key] = nil
        }
        var account = self[keyPath: accounts][name] ?? Account(at: now)
        account.failures = remaining(account, at: now) + weight
        account.lastFailure = now
        self[keyPath: accounts][name] = account
        return account.failures
    }

    private func remaining(_ account: Account, at now: TimeInterval) -> Double {
        guard policy.forgetting > 0 else { return account.failures }
        // The time of the penalty itself earns nothing.
        let quiet = max(0, now - max(account.lastFailure, account.shutUntil))
        return max(0, account.failures - (quiet / policy.forgetting).rounded(.down))
    }
}
