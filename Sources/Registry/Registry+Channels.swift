public import Exchange
internal import GRDB

internal import struct Foundation.Date

extension Registry {
    /// Adds a channel with all it begins with, or nothing at all. The first channel that holds an application
    /// is its preferred one. `.notFound`, `.channelExists`, `.applicationMissing` when `preferring` names one
    /// the channel does not hold, `.invalid` for a password on another kind of channel or of another user, and the
    /// faults of `addCertificate` and `addKey`.
    public func addChannel(_ channel: NewChannel, to number: SenderNumber) throws(RegistryFault) {
        let now = clock()
        var hash: PasswordHash?
        if let password = channel.password {
            guard channel.kind == .ftp else {
                throw RegistryFault(
                    .invalid, "A password belongs to a channel ftp, not \(channel.kind.rawValue).")
            }
            hash = try PasswordHash(of: password)
        }
        try write { database in
            try Self.requireSender(number, in: database)
            if try Self.hasChannel(channel.kind, of: number, in: database) {
                throw RegistryFault(
                    .channelExists, "Sender \(number) has a channel \(channel.kind.rawValue) already.")
            }
            try database.execute(
                literal: """
                    INSERT INTO channel (sender, kind, registeredAt)
                    VALUES (\(number.description), \(channel.kind.rawValue), \(now.milliseconds))
                    """)
            if let hash, let password = channel.password {
                try Self.store(hash, of: password, for: number, at: now, in: database)
            }
            let binding = CredentialBinding(
                database: database, sender: number, kind: channel.kind, validFrom: nil, validUntil: nil,
                now: now)
            for certificate in channel.certificates { try binding.bind(certificate) }
            for key in channel.keys { try binding.bind(key) }
            for application in Set(channel.applications).sorted() {
                try Self.grant(application, on: channel.kind, of: number, in: database)
            }
            for application in channel.preferring {
                try Self.prefer(channel.kind, for: application, of: number, in: database)
            }
        }
    }

    /// Removes a channel. The certificates and keys only it held are free again, unless they were revoked;
    /// the applications it was preferred for prefer the eldest other channel that holds them. `.notFound`,
    /// `.channelMissing`.
    public func removeChannel(_ kind: ChannelKind, of number: SenderNumber) throws(RegistryFault) {
        try write { database in
            try Self.requireChannel(kind, of: number, in: database)
            let sender = number.description
            try database.execute(
                literal: """
                    DELETE FROM channel WHERE sender = \(sender) AND kind = \(kind.rawValue);
                    DELETE FROM certificate WHERE sender = \(sender) AND revokedAt IS NULL AND fingerprint NOT IN
                        (SELECT fingerprint FROM channelCertificate WHERE sender = \(sender));
                    DELETE FROM sshKey WHERE sender = \(sender) AND revokedAt IS NULL AND fingerprint NOT IN
                        (SELECT fingerprint FROM channelKey WHERE sender = \(sender));
                    UPDATE channelApplication SET isPreferred = 1
                    WHERE sender = \(sender)
                        AND application NOT IN (SELECT application FROM channelApplication
                            WHERE sender = \(sender) AND isPreferred = 1)
                        AND kind = (SELECT channel.kind FROM channelApplication AS holder
                            JOIN channel ON channel.sender = holder.sender AND channel.kind = holder.kind
                            WHERE holder.sender = \(sender)
                                AND holder.application = channelApplication.application
                            ORDER BY channel.registeredAt, channel.kind LIMIT 1)
                    """)
        }
    }

    /// Makes `kind` the preferred channel for an application it holds. `.notFound`, `.channelMissing`,
    /// `.applicationMissing`.
    public func prefer(
        _ kind: ChannelKind, for application: String, of number: SenderNumber
    ) throws(RegistryFault) {
        try write { database in
            try Self.requireChannel(kind, of: number, in: database)
            try Self.prefer(kind, for: application, of: number, in: database)
        }
    }

    static func requireChannel(_ kind: ChannelKind, of number: SenderNumber, in database: Database) throws {
        try requireSender(number, in: database)
        guard try hasChannel(kind, of: number, in: database) else {
            throw RegistryFault(.channelMissing, "Sender \(number) has no channel \(kind.rawValue).")
        }
    }

    private static func hasChannel(
        _ kind: ChannelKind, of number: SenderNumber, in database: Database
    ) throws -> Bool {
        let query: SQL = """
            SELECT 1 FROM channel WHERE sender = \(number.description) AND kind = \(kind.rawValue)
            """
        return try Row.fetchOne(database, SQLRequest(literal: query)) != nil
    }

    private static func grant(
        _ application: String, on kind: ChannelKind, of number: SenderNumber, in database: Database
    ) throws {
        try database.execute(
            literal: """
                INSERT INTO channelApplication (sender, kind, application, isPreferred)
                VALUES (\(number.description), \(kind.rawValue), \(application), NOT EXISTS (
                    SELECT 1 FROM channelApplication
                    WHERE sender = \(number.description) AND application = \(application)))
                """)
    }

    private static func prefer(
        _ kind: ChannelKind, for application: String, of number: SenderNumber, in database: Database
    ) throws {
        try database.execute(
            literal: """
                UPDATE channelApplication SET isPreferred = 0
                WHERE sender = \(number.description) AND application = \(application)
                """)
        try database.execute(
            literal: """
                UPDATE channelApplication SET isPreferred = 1
                WHERE sender = \(number.description) AND application = \(application) AND kind = \(kind.rawValue)
                """)
        guard database.changesCount == 1 else {
            throw RegistryFault(
                .applicationMissing,
                "Channel \(kind.rawValue) of sender \(number) does not hold the application to be preferred.")
        }
    }
}
