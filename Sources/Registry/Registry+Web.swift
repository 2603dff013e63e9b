public import Exchange
internal import GRDB

internal import struct Foundation.Date

/// Callers of the web service.
extension Registry: WebDirectory {
    public func webCertificates(of sender: SenderNumber) throws(DirectoryFault) -> [CertificateFacts] {
        let now = clock()
        return try webChannel(of: sender)?.certificates.filter { $0.stands(at: now) }.map(\.facts)
            .filter { $0.notBefore <= now && now <= $0.notAfter } ?? []
    }

    public func webSender(holding fingerprint: Digest) throws(DirectoryFault) -> SenderNumber? {
        let holder = try asDirectory { () throws(RegistryFault) -> SenderNumber? in
            try owner(of: fingerprint)
        }
        guard let sender = holder,
            try webCertificates(of: sender).contains(where: { $0.fingerprint == fingerprint })
        else { return nil }
        return sender
    }

    public func webApplications(of sender: SenderNumber) throws(DirectoryFault) -> [String] {
        try webChannel(of: sender)?.applications.map(\.code) ?? []
    }

    private func webChannel(of sender: SenderNumber) throws(DirectoryFault) -> ChannelRecord? {
        let record = try asDirectory { () throws(RegistryFault) -> SenderRecord? in
            try currentSender(sender)
        }
        guard let record, !record.isBlocked else { return nil }
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
