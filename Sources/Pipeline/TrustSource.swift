internal import Registry
internal import Synchronization
internal import Validation

/// The accepted authorities and revocation lists as the registry holds them now, built anew when it changes.
final class TrustSource: Sendable {
    private let registry: Registry
    private let built = Mutex<(revision: Int64, trust: TrustStore)?>(nil)

    init(registry: Registry) {
        self.registry = registry
    }

    /// Throws what the registry or the trust store throws; the caller defers.
    func current() throws -> TrustStore {
        let revision = try registry.revision()
        if let known = built.withLock({ $0 }), known.revision == revision { return known.trust }
        let trust = try TrustStore(
            authorities: registry.authorities().map(\.facts), revocationLists: registry.revocationLists())
        built.withLock { $0 = (revision, trust) }
        return trust
    }
}
