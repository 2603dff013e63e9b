internal import Foundation
internal import Synchronization

/// Who failed to prove themselves how often, by network. Pure but for its lock: the time is given, in seconds of a
/// clock that does not jump.
final class PenaltyLedger: Sendable {
    private struct Account {
        var failures: Double
        var lastFailure: TimeInterval
        var shutUntil: TimeInterval
    }

    /// Networks remembered at the most; the one whose last failure is oldest goes first.
    static let most = 10_000

    private let policy: WebPenaltyPolicy
    private let accounts = Mutex<[PeerNetwork: Account]>([:])

    init(policy: WebPenaltyPolicy) {
        self.policy = policy
    }

    /// Seconds for which `network` is still shut out; 0 when it is not.
    func penalty(of network: PeerNetwork, at now: TimeInterval) -> TimeInterval {
        accounts.withLock { max(0, ($0[network]?.shutUntil ?? now) - now) }
    }

    /// Counts a failure.
    func noteFailure(from network: PeerNetwork, at now: TimeInterval) {
        guard policy.isOn else { return }
        accounts.withLock { accounts in
            if accounts[network] == nil, accounts.count >= Self.most,
                let oldest = accounts.min(by: { $0.value.lastFailure < $1.value.lastFailure })
            {
                accounts[oldest.key] = nil
            }
            var account = accounts[network] ?? Account(failures: 0, lastFailure: now, shutUntil: now)
            account.failures = remaining(account, at: now) + 1
            account.lastFailure = now
            let doublings = account.failures - Double(policy.freeFailures) - 1
            let penalty = doublings < 0 ? 0 : min(policy.longest, policy.first * pow(2, min(doublings, 60)))
            account.shutUntil = max(account.shutUntil, now + penalty)
            accounts[network] = account
        }
    }

    private func remaining(_ account: Account, at now: TimeInterval) -> Double {
        guard policy.forgetting > 0 else { return account.failures }
        // The time of the penalty itself earns nothing.
        let quiet = max(0, now - max(account.lastFailure, account.shutUntil))
        return max(0, account.failures - (quiet / policy.forgetting).rounded(.down))
    }
}
