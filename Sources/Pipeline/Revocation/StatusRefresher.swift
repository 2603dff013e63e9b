public import Exchange
internal import Foundation
public import Logging
public import Registry
internal import Synchronization
internal import Validation

/// Fetches revocation lists and the answers of responders before they are too old, so that no decision ever waits for
/// the network: decisions read what the registry holds, and ask here for what it does not.
///
/// What is fetched, and when again, stands in the registry. Each source is asked by one thread at a time; one that fails
/// rests for growing pauses, and what it owes then comes one after the other.
public final class StatusRefresher: Sendable {
    private struct Wish: Hashable {
        let certificate: Digest
        let serial: String
        let authority: Digest
    }

    /// So many sources may be slow at the same time without keeping others waiting.
    public static let usualThreads = 4

    private static let wishLimit = 1024

    let registry: Registry
    let fetcher: any StatusFetcher
    let policy: RefreshPolicy
    let clock: RefreshClock
    private let logger: Logger
    private let sources: Mutex<SourcePauses>
    private let wishes = Mutex<Set<Wish>>([])
    private let isStopped = Atomic(false)
    private let news = SteadySemaphore()

    public convenience init(
        registry: Registry, fetcher: any StatusFetcher, policy: RefreshPolicy = RefreshPolicy(),
        logger: Logger
    ) {
        self.init(registry: registry, fetcher: fetcher, policy: policy, logger: logger, clock: .system)
    }

    init(
        registry: Registry, fetcher: any StatusFetcher, policy: RefreshPolicy, logger: Logger,
        clock: RefreshClock
    ) {
        self.registry = registry
        self.fetcher = fetcher
        self.policy = policy
        self.clock = clock
        self.logger = logger
        sources = Mutex(SourcePauses(policy.pauses))
    }

    /// Fetches until `stop`; blocks. Several threads may run it, so that slow sources do not keep others waiting.
    public func run() {
        while !isStopped.load(ordering: .acquiring) {
            refreshDue()
            _ = news.wait(atMost: policy.interval)
        }
        // For the next thread.
        news.signal()
    }

    /// Makes `run` return, on every thread, after the exchange in hand.
    public func stop() {
        isStopped.store(true, ordering: .releasing)
        news.signal()
    }

    /// Asks for a status that is not held; never waits. More than a thousand at once are forgotten: whoever asks will
    /// ask again.
    func ask(of certificate: Digest, serial: String, by authority: Digest) {
        let isNew = wishes.withLock { wishes in
            guard wishes.count < StatusRefresher.wishLimit else { return false }
            return wishes.insert(Wish(certificate: certificate, serial: serial, authority: authority))
                .inserted
        }
        if isNew { news.signal() }
    }

    /// Fetches all that is due and may be fetched, on this thread.
    func refreshDue() {
        noteWishes()
        while !isStopped.load(ordering: .acquiring), let authority = take() { refresh(authority) }
    }

    private func noteWishes() {
        let noted = wishes.withLock { wishes in
            defer { wishes = [] }
            return wishes
        }
        for wish in noted {
            do throws(RegistryFault) {
                try registry.askStatus(of: wish.certificate, serial: wish.serial, by: wish.authority)
            } catch {
                logger.error("a status cannot be asked for", metadata: ["error": "\(error.sentence)"])
            }
        }
    }

    private func take() -> AuthorityRecord? {
        do throws(RegistryFault) {
            let due = try registry.authoritiesDue(at: clock.time())
            let taken = sources.withLock {
                $0.take(of: due.map(\.facts.fingerprint), at: clock.seconds())
            }
            return due.first { $0.facts.fingerprint == taken }
        } catch {
            logger.error("what is due cannot be read", metadata: ["error": "\(error.sentence)"])
            return nil
        }
    }

    private func refresh(_ authority: AuthorityRecord) {
        let fingerprint = authority.facts.fingerprint
        var words: Logger.Metadata = [
            "authority": "\(authority.facts.subject)", "source": "\(authority.source.url ?? "")",
        ]
        do throws(StatusFault) {
            try fetch(for: authority)
            guard sources.withLock({ $0.succeeded(fingerprint) }) else { return }
            logger.notice("the revocation status of an authority is learnt again", metadata: words)
        } catch {
            guard sources.withLock({ $0.failed(fingerprint, at: clock.seconds()) }) else { return }
            words["fault"] = "\(error.sentence)"
            logger.warning(
                "the revocation status of an authority is not learnt; it is tried again", metadata: words)
        }
    }
}
