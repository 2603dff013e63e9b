public import Exchange
internal import GRDB

public import struct Foundation.Date

extension Registry {
    /// Registers a certificate for a channel, besides those it holds, so that a renewal may overlap. It
    /// counts from `validFrom` until before `validUntil`; nil sets no bound. `.notFound`, `.channelMissing`,
    /// `.alreadyExists`, `.certificateOfAnotherSender`, `.revoked`, `.invalid` when the bounds are not in
    /// order.
    public func addCertificate(
        _ certificate: CertificateFacts, validFrom: Date?, validUntil: Date?, to kind: ChannelKind,
        of number: SenderNumber
    ) throws(RegistryFault) {
        try bind(validFrom: validFrom, validUntil: validUntil, to: kind, of: number) {
            try $0.bind(certificate)
        }
    }

    /// Ends a certificate on every channel of the sender from `time` on, for good. A second revocation can
    /// only bring the time forward. `.notFound`, `.unknownFingerprint`.
    public func revokeCertificate(
        _ fingerprint: Digest, of number: SenderNumber, at time: Date
    ) throws(RegistryFault) {
        try revoke(fingerprint.description, in: "certificate", of: number, at: time)
    }

    /// Registers a key for the channel `sftp`, as `addCertificate` does; `.invalid` for another kind of
    /// channel.
    public func addKey(
        _ key: SSHPublicKey, validFrom: Date?, validUntil: Date?, to kind: ChannelKind,
        of number: SenderNumber
    ) throws(RegistryFault) {
        try bind(validFrom: validFrom, validUntil: validUntil, to: kind, of: number) {
            try $0.bind(key)
        }
    }

    /// Ends a key, named as OpenSSH does (`SHA256:…`), as `revokeCertificate` does.
    public func revokeKey(
        fingerprint: String, of number: SenderNumber, at time: Date
    ) throws(RegistryFault) {
        try revoke(fingerprint, in: "sshKey", of: number, at: time)
    }

    private func bind(
        validFrom: Date?, validUntil: Date?, to kind: ChannelKind, of number: SenderNumber,
        _ body: (CredentialBinding) throws -> Void
    ) throws(RegistryFault) {
        let now = clock()
        try write { database in
            try Self.requireChannel(kind, of: number, in: database)
            if let validFrom, let validUntil, validFrom >= validUntil {
                throw RegistryFault(.invalid, "The validity ends before it begins.")
            }
            try body(
                CredentialBinding(
                    database: database, sender: number, kind: kind, validFrom: validFrom,
                    validUntil: validUntil,
                    now: now))
        }
    }

    private func revoke(
        _ fingerprint: String, in table: String, of number: SenderNumber, at time: Date
    ) throws(RegistryFault) {
        try write { database in
            try Self.requireSender(number, in: database)
            try database.execute(
                literal: """
                    UPDATE \(sql: table)
                    SET revokedAt = min(coalesce(revokedAt, \(time.milliseconds)), \(time.milliseconds))
                    WHERE sender = \(number.description) AND fingerprint = \(fingerprint)
                    """)
            guard database.changesCount == 1 else {
                throw RegistryFault(.unknownFingerprint, "Sender \(number) has nothing of that fingerprint.")
            }
        }
    }
}
