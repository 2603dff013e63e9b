internal import Exchange
internal import Registry
internal import Validation

extension TrustStore {
    /// The accepted authorities, their lists and sources as `registry` holds them now.
    ///
    /// - Parameter statuses: what responders said. Read at each judgement, as there may be one for every sender.
    convenience init(of registry: Registry, statuses: any StatusDirectory) throws {
        let authorities = try registry.authorities()
        let sources = authorities.map { ($0.facts.fingerprint, $0.source) }
        try self.init(
            authorities: authorities.map(\.facts), revocationLists: registry.revocationLists(),
            ground: RevocationGround(
                sources: Dictionary(uniqueKeysWithValues: sources),
                listsTaken: registry.revocationListTimes(), statuses: statuses))
    }
}
