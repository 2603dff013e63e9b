internal import Foundation

/// Who failed to log in how often, by address. Pure: the time is given, in seconds of any clock that does not
/// jump.
struct PenaltyBook {
    private struct Account {
        var failures: Double
        var lastFailure: TimeInterval
        var shutUntil: TimeInterval
    }

    /// Addresses remembered at the most; the one whose last failure is oldest goes first.
    static let most = 10_000

    let policy: PenaltyPolicy
    private var accounts: [String: Account] = [:]

    init(policy: PenaltyPolicy) {
        self.policy = policy
    }

    /// Seconds for which `address` is still shut out; 0 when it is not.
    func penalty(of address: PeerAddress, at now: TimeInterval) -> TimeInterval {
        guard let account = accounts[address.network] else { return 0 }
        return max(0, account.shutUntil - now)
    }

    /// Counts a failed log-in, or with a `weight` below 1 a part of one; returns the seconds it costs.
    mutating func noteFailure(
        from address: PeerAddress, weight: Double = 1, at now: TimeInterval
    ) -> TimeInterval {
        guard policy.isOn, !policy.exempt.contains(address.description) else { return 0 }
        makeRoom(for: address.network)
        var account = accounts[address.network] ?? Account(failures: 0, lastFailure: now, shutUntil: now)
        account.failures = remaining(account, at: now) + weight
        account.lastFailure = now
        let doublings = account.failures - Double(policy.freeFailures) - 1
        let penalty =
            doublings < 0 ? 0 : min(policy.longest, policy.first * pow(2, min(doublings, 60)))
        account.shutUntil = max(account.shutUntil, now + penalty)
        accounts[address.network] = account
        return penalty
    }

    /// Takes back one failure. A time the address is shut out for already runs out as it would have.
    mutating func forgiveFailure(from address: PeerAddress) {
        guard let failures = accounts[address.network]?.failures else { return }
        accounts[address.network]?.failures = max(0, failures - 1)
    }

    private func remaining(_ account: Account, at now: TimeInterval) -> Double {
        guard policy.forgetting > 0 else { return account.failures }
        // The time of the penalty itself earns nothing.
        let quiet = max(0, now - max(account.lastFailure, account.shutUntil))
        let forgotten = (quiet / policy.forgetting).rounded(.down)
        return max(0, account.failures - forgotten)
    }

    private mutating func makeRoom(for network: String) {
        guard accounts[network] == nil, accounts.count >= PenaltyBook.most else { return }
        guard let oldest = accounts.min(by: { $0.value.lastFailure < $1.value.lastFailure }) else { return }
        accounts[oldest.key] = nil
    }
}
