public import Foundation

/// Who failed to prove themselves how often, by network and by user. Pure: the time is given, in seconds of any clock
/// that does not jump. Whether an address is exempt is for the caller to know.
public struct PenaltyBook: Sendable {
    private struct Account {
        var failures = 0.0
        var lastFailure: TimeInterval
        var shutUntil: TimeInterval

        init(at now: TimeInterval) {
            lastFailure = now
            shutUntil = now
        }
    }

    /// Networks, and users, remembered at the most; the one whose last failure is oldest goes first.
    public static let most = 10_000

    public let policy: PenaltyPolicy
    private var networks: [String: Account] = [:]
    private var users: [String: Account] = [:]

    public init(policy: PenaltyPolicy) {
        self.policy = policy
    }

    /// Seconds for which `network` is still shut out; 0 when it is not.
    public func penalty(of network: String, at now: TimeInterval) -> TimeInterval {
        guard let account = networks[network] else { return 0 }
        return max(0, account.shutUntil - now)
    }

    /// Counts a failure, or with a `weight` below 1 a part of one; returns the seconds it costs the network.
    ///
    /// - Parameter user: the name that was claimed, when one was.
    public mutating func noteFailure(
        from network: String, as user: String? = nil, weight: Double = 1, at now: TimeInterval
    ) -> TimeInterval {
        guard policy.isOn else { return 0 }
        var free = policy.freeFailures
        if let user, add(weight, of: user, to: \.users, at: now) > Double(policy.userFailures) { free = 0 }
        let doublings = add(weight, of: network, to: \.networks, at: now) - Double(free) - 1
        let penalty = doublings < 0 ? 0 : min(policy.longest, policy.first * pow(2, min(doublings, 60)))
        if let shutUntil = networks[network]?.shutUntil {
            networks[network]?.shutUntil = max(shutUntil, now + penalty)
        }
        return penalty
    }

    /// Takes back one failure. A time the network is shut out for already runs out as it would have.
    public mutating func forgiveFailure(from network: String, as user: String? = nil) {
        if let failures = networks[network]?.failures { networks[network]?.failures = max(0, failures - 1) }
        guard let user, let failures = users[user]?.failures else { return }
        users[user]?.failures = max(0, failures - 1)
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
