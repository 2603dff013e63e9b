internal import Exchange
internal import GRDB

internal import struct Foundation.Data
internal import struct Foundation.Date

/// Puts certificates and keys on one channel, within a transaction of its caller.
struct CredentialBinding {
    let database: Database
    let sender: SenderNumber
    let kind: ChannelKind
    let validFrom: Date?
    let validUntil: Date?
    let now: Date

    func bind(_ certificate: CertificateFacts) throws {
        try certificate.requireOwnFingerprint()
        let fingerprint = certificate.fingerprint.description
        let known: SQL = "SELECT sender, revokedAt FROM certificate WHERE fingerprint = \(fingerprint)"
        if let row = try Row.fetchOne(database, SQLRequest(literal: known)) {
            guard try row.decode(forColumn: "sender") == sender.description else {
                throw RegistryFault(
                    .certificateOfAnotherSender,
                    "Certificate \(fingerprint) is registered for another sender.")
            }
            try requireNotRevoked(row, "certificate \(fingerprint)")
        } else {
            let values = certificate.columnValues
            try database.execute(
                literal: """
                    INSERT INTO certificate (fingerprint, sender, \(sql: CertificateFacts.columns))
                    VALUES (\(fingerprint), \(sender.description), \(values))
                    """)
        }
        try bind(fingerprint, in: "channelCertificate", "certificate \(fingerprint)")
    }

    func bind(_ key: SSHPublicKey) throws {
        guard kind == .sftp else {
            throw RegistryFault(.invalid, "SSH keys belong to a channel sftp, not \(kind.rawValue).")
        }
        let fingerprint = key.fingerprint
        let known: SQL = """
            SELECT revokedAt FROM sshKey WHERE sender = \(sender.description) AND fingerprint = \(fingerprint)
            """
        if let row = try Row.fetchOne(database, SQLRequest(literal: known)) {
            try requireNotRevoked(row, "key \(fingerprint)")
        } else {
            try database.execute(
                literal: """
                    INSERT INTO sshKey (sender, fingerprint, algorithm, bits, blob)
                    VALUES (\(sender.description), \(fingerprint), \(key.algorithm), \(key.bits),
                        \(Data(key.blob)))
                    """)
        }
        try bind(fingerprint, in: "channelKey", "key \(fingerprint)")
    }

    private func requireNotRevoked(_ row: Row, _ what: String) throws {
        guard try row.decode(Int64?.self, forColumn: "revokedAt") == nil else {
            throw RegistryFault(.revoked, "The \(what) was revoked and is not taken back.")
        }
    }

    private func bind(_ fingerprint: String, in table: String, _ what: String) throws {
        let known: SQL = """
            SELECT 1 FROM \(sql: table)
            WHERE sender = \(sender.description) AND kind = \(kind.rawValue) AND fingerprint = \(fingerprint)
            """
        if try Row.fetchOne(database, SQLRequest(literal: known)) != nil {
            throw RegistryFault(
                .alreadyExists, "The \(what) is registered on channel \(kind.rawValue) already.")
        }
        try database.execute(
            literal: """
                INSERT INTO \(sql: table) (sender, kind, fingerprint, validFrom, validUntil, registeredAt)
                VALUES (\(sender.description), \(kind.rawValue), \(fingerprint), \(validFrom?.milliseconds),
                    \(validUntil?.milliseconds), \(now.milliseconds))
                """)
    }
}
