public import Exchange
internal import GRDB

internal import struct Foundation.Date

/// Callers of the web service. A registry that cannot be read admits nobody.
extension Registry: WebDirectory {
    public func webCertificates(of sender: SenderNumber) -> [CertificateFacts] {
        let now = clock()
        return webChannel(of: sender)?.certificates.filter { $0.stands(at: now) }.map(\.facts)
            .filter { $0.notBefore <= now && now <= $0.notAfter } ?? []
    }

    public func webSender(holding fingerprint: Digest) -> SenderNumber? {
        guard let sender = try? owner(of: fingerprint),
            webCertificates(of: sender).contains(where: { $0.fingerprint == fingerprint })
        else { return nil }
        return sender
    }

    public func webApplications(of sender: SenderNumber) -> [String] {
        webChannel(of: sender)?.applications.map(\.code) ?? []
    }

    private func webChannel(of sender: SenderNumber) -> ChannelRecord? {
        guard let record = try? currentSender(sender), !record.isBlocked else { return nil }
        return record.channels.first { $0.kind == .web }
    }

    /// The one sender that a certificate is bound to, on whatever channel and whether it counts or not. Only those
    /// found are kept: strangers cannot drive them out.
    private func owner(of fingerprint: Digest) throws(RegistryFault) -> SenderNumber? {
        let revision = try revision()
        if let known = certificateOwners.value(for: fingerprint, at: revision) { return known }
        let found = try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT sender FROM certificate WHERE fingerprint = ?")
            return try String.fetchOne(statement, arguments: [fingerprint.description])
        }
        guard let owner = found.flatMap({ SenderNumber($0) }) else { return nil }
        certificateOwners.keep(owner, for: fingerprint, at: revision)
        return owner
    }
}
