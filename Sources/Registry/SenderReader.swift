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
        let emails = grouped(try rows("SELECT * FROM senderEmail", order: "sender, position"))
        let channels = grouped(try rows("SELECT * FROM channel", order: "sender, registeredAt, kind"))
        let content = try ChannelContent(
            applications: channelGrouped(
                rows("SELECT * FROM channelApplication", order: "sender, application")),
            certificates: channelGrouped(rows(Self.certificates, order: "sender, registeredAt, fingerprint")),
            keys: channelGrouped(rows(Self.keys, order: "sender, registeredAt, fingerprint")))
        return try senders.map { row in
            let number: String = row["number"]
            return try SenderRecord(
                row: row, emails: (emails[number] ?? []).map { $0["address"] },
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

    private func grouped(_ rows: [Row]) -> [String: [Row]] {
        Dictionary(grouping: rows) { $0["sender"] }
    }

    private func channelGrouped(_ rows: [Row]) -> [ChannelContent.Key: [Row]] {
        Dictionary(grouping: rows) { ChannelContent.Key(row: $0) }
    }
}

/// The rows that belong to channels, by channel.
struct ChannelContent {
    struct Key: Hashable {
        let sender: String
        let kind: String

        init(row: Row) {
            sender = row["sender"]
            kind = row["kind"]
        }
    }

    let applications: [Key: [Row]]
    let certificates: [Key: [Row]]
    let keys: [Key: [Row]]

    func record(of row: Row) throws -> ChannelRecord {
        let key = Key(row: row)
        guard let kind = ChannelKind(rawValue: key.kind) else {
            throw RegistryFault.unavailable("a stored channel is damaged")
        }
        return ChannelRecord(
            kind: kind, registeredAt: Date(milliseconds: row["registeredAt"]),
            passwordSetAt: row.time("passwordSetAt"),
            applications: (applications[key] ?? []).map {
                ApplicationRecord(code: $0["application"], isPreferred: $0["isPreferred"])
            },
            certificates: try (certificates[key] ?? []).map { try CertificateRecord(row: $0) },
            keys: (keys[key] ?? []).map { KeyRecord(row: $0) })
    }
}

extension SenderRecord {
    fileprivate init(row: Row, emails: [String], channels: [ChannelRecord]) throws {
        let nsso: String? = row["nsso"]
        guard let number = SenderNumber(row["number"] as String),
            let user = TechnicalUser(row["user"] as String),
            let enterprise = EnterpriseNumber(row["enterprise"])
        else { throw RegistryFault.unavailable("a stored sender is damaged") }
        let language: String? = row["contactLanguage"]
        let contact = ContactPerson(
            lastName: row["contactLastName"], firstName: row["contactFirstName"], title: row["contactTitle"],
            function: row["contactFunction"], language: language.flatMap(Language.init),
            telephone: row["contactTelephone"], emails: emails)
        self.init(
            number: number, user: user, name: row["name"], enterprise: enterprise,
            nsso: nsso.flatMap(NSSONumber.init),
            contact: contact == ContactPerson(emails: []) ? nil : contact,
            isBlocked: row["isBlocked"], registeredAt: Date(milliseconds: row["registeredAt"]),
            channels: channels)
    }
}

extension CertificateRecord {
    fileprivate init(row: Row) throws {
        self.init(
            facts: try CertificateFacts(row: row), validFrom: row.time("validFrom"),
            validUntil: row.time("validUntil"), revokedAt: row.time("revokedAt"),
            registeredAt: Date(milliseconds: row["registeredAt"]))
    }
}

extension KeyRecord {
    fileprivate init(row: Row) {
        let algorithm: String = row["algorithm"]
        let blob: Data = row["blob"]
        self.init(
            algorithm: algorithm, bits: row["bits"], fingerprint: row["fingerprint"],
            line: "\(algorithm) \(blob.base64EncodedString())", validFrom: row.time("validFrom"),
            validUntil: row.time("validUntil"), revokedAt: row.time("revokedAt"),
            registeredAt: Date(milliseconds: row["registeredAt"]))
    }
}

extension Row {
    fileprivate func time(_ column: String) -> Date? {
        let milliseconds: Int64? = self[column]
        return milliseconds.map { Date(milliseconds: $0) }
    }
}
