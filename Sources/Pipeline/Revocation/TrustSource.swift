internal import Registry
internal import Synchronization
internal import Validation

/// The accepted authorities and revocation lists as the registry holds them now, built anew when it changes: then
/// every verdict that stood on what was known before is forgotten.
final class TrustSource: Sendable {
    private let registry: Registry
    private let statuses: AskingStatuses
    private let built = Mutex<(revision: Int64, trust: TrustStore)?>(nil)

    /// - Parameter refresher: fetches statuses that are missing.
    init(registry: Registry, refresher: StatusRefresher?) {
        self.registry = registry
        statuses = AskingStatuses(registry: registry, refresher: refresher)
    }

    /// Throws what the registry or the trust store throws; the caller defers.
    func current() throws -> TrustStore {
        let revision = try registry.revision()
        if let known = built.withLock({ $0 }), known.revision == revision { return known.trust }
        let trust = try TrustStore(of: registry, statuses: statuses)
        built.withLock { $0 = (revision, trust) }
        return trust
    }
}
