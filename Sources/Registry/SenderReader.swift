internal import Exchange
internal import GRDB

internal import struct Foundation.Data
internal import struct Foundation.Date

/// Assembles senders from the rows of one snapshot; five queries, however many senders.
struct SenderReader {
    let database: Database
    /// Nil for all senders.
    let number: SenderNumber?

    func records() throws -> [SenderRecord] {
        let senders = try rows("SELECT * FROM sender", by: "number", order: "number")
        if senders.isEmpty { return [] }
        let emails = try grouped(rows("SELECT * FROM senderEmail", order: "sender, position"))
        let channels = try grouped(rows("SELECT * FROM channel", order: "sender, registeredAt, kind"))
        let content = try ChannelContent(
            applications: channelGrouped(
                rows("SELECT * FROM channelApplication", order: "sender, application")),
            certificates: channelGrouped(rows(Self.certificates, order: "sender, registeredAt, fingerprint")),
            keys: channelGrouped(rows(Self.keys, order: "sender, registeredAt, fingerprint")))
        return try senders.map { row in
            let number: String = try row.decode(forColumn: "number")
            return try SenderRecord(
                row: row, emails: (emails[number] ?? []).map { try $0.decode(forColumn: "address") },
                channels: (channels[number] ?? []).map(content.record))
        }
    }

    private static let certificates =
        "SELECT * FROM channelCertificate JOIN certificate USING (sender, fingerprint)"
    private static let keys = "SELECT * FROM channelKey JOIN sshKey USING (sender, fingerprint)"

    private func rows(_ query: String, by column: String = "sender", order: String) throws -> [Row] {
        guard let number else { return try Row.fetchAll(database, sql: "\(query) ORDER BY \(order)") }
        let statement = try database.cachedStatement(sql: "\(query) WHERE \(column) = ? ORDER BY \(order)")
        return try Row.fetchAll(statement, arguments: [number.description])
    }

    private func grouped(_ rows: [Row]) throws -> [String: [Row]] {
        try Dictionary(grouping: rows) { try $0.decode(forColumn: "sender") }
    }

    private func channelGrouped(_ rows: [Row]) throws -> [ChannelContent.Key: [Row]] {
        try Dictionary(grouping: rows) { try ChannelContent.Key(row: $0) }
    }
}

/// The rows that belong to channels, by channel.
struct ChannelContent {
    struct Key: Hashable {
        let sender: String
        let kind: String

        init(row: Row) throws {
            sender = try row.decode(forColumn: "sender")
            kind = try row.decode(forColumn: "kind")
        }
    }

    let applications: [Key: [Row]]
    let certificates: [Key: [Row]]
    let keys: [Key: [Row]]

    func record(of row: Row) throws -> ChannelRecord {
        let key = try Key(row: row)
        guard let kind = ChannelKind(rawValue: key.kind) else {
            throw RegistryFault.unavailable("a stored channel is damaged")
        }
        return try ChannelRecord(
            kind: kind, registeredAt: Date(milliseconds: row.decode(forColumn: "registeredAt")),
            passwordSetAt: row.time("passwordSetAt"),
            applications: (applications[key] ?? []).map {
                try ApplicationRecord(
                    code: $0.decode(forColumn: "application"),
                    isPreferred: $0.decode(forColumn: "isPreferred"))
            },
            certificates: (certificates[key] ?? []).map { try CertificateRecord(row: $0) },
            keys: (keys[key] ?? []).map { try KeyRecord(row: $0) })
    }
}

extension SenderRecord {
    fileprivate init(row: Row, emails: [String], channels: [ChannelRecord]) throws {
        let nsso: String? = try row.decode(forColumn: "nsso")
        guard let number = SenderNumber(try row.decode(String.self, forColumn: "number")),
            let user = TechnicalUser(try row.decode(String.self, forColumn: "user")),
            let enterprise = EnterpriseNumber(try row.decode(forColumn: "enterprise"))
        else { throw RegistryFault.unavailable("a stored sender is damaged") }
        let language: String? = try row.decode(forColumn: "contactLanguage")
        let contact = try ContactPerson(
            lastName: row.decode(forColumn: "contactLastName"),
            firstName: row.decode(forColumn: "contactFirstName"),
            title: row.decode(forColumn: "contactTitle"),
            function: row.decode(forColumn: "contactFunction"), language: language.flatMap(Language.init),
            telephone: row.decode(forColumn: "contactTelephone"), emails: emails)
        try self.init(
            number: number, user: user, name: row.decode(forColumn: "name"), enterprise: enterprise,
            nsso: nsso.flatMap(NSSONumber.init),
            contact: contact == ContactPerson(emails: []) ? nil : contact,
            isBlocked: row.decode(forColumn: "isBlocked"),
            registeredAt: Date(milliseconds: row.decode(forColumn: "registeredAt")),
            channels: channels)
    }
}

extension CertificateRecord {
    fileprivate init(row: Row) throws {
        try self.init(
            facts: CertificateFacts(row: row), validFrom: row.time("validFrom"),
            validUntil: row.time("validUntil"), revokedAt: row.time("revokedAt"),
            registeredAt: Date(milliseconds: row.decode(forColumn: "registeredAt")))
    }
}

extension KeyRecord {
    fileprivate init(row: Row) throws {
        let algorithm: String = try row.decode(forColumn: "algorithm")
        let blob: Data = try row.decode(forColumn: "blob")
        try self.init(
            algorithm: algorithm, bits: row.decode(forColumn: "bits"),
            fingerprint: row.decode(forColumn: "fingerprint"),
            line: "\(algorithm) \(blob.base64EncodedString())", validFrom: row.time("validFrom"),
            validUntil: row.time("validUntil"), revokedAt: row.time("revokedAt"),
            registeredAt: Date(milliseconds: row.decode(forColumn: "registeredAt")))
    }
}

extension Row {
    fileprivate func time(_ column: String) throws -> Date? {
        try decode(Int64?.self, forColumn: column).map { Date(milliseconds: $0) }
    }
}
