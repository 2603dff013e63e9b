public import Exchange
internal import GRDB

public import struct Foundation.Date

/// A status that is to be fetched.
public struct DueStatus: Sendable, Hashable {
    public let certificate: Digest
    /// Hexadecimal, capitals.
    public let serial: String
}

extension Registry {
    /// Sets where the revocation of what an authority issued is learnt, to be fetched at once. `.unknownFingerprint`.
    public func setSource(_ source: StatusSource, of authority: Digest) throws(RegistryFault) {
        try write { database in
            try database.execute(
                literal: """
                    UPDATE authority SET statusKind = \(source.kind.rawValue), statusURL = \(source.url),
                        statusAgeLimit = \(source.ageLimit.map { Int64($0) }), statusDueAt = 0
                    WHERE fingerprint = \(authority.description)
                    """)
            guard database.changesCount == 1 else {
                throw RegistryFault(.unknownFingerprint, "No authority \(authority) is accepted.")
            }
            try database.execute(
                literal: """
                    UPDATE certificateStatus SET dueAt = 0 WHERE authority = \(authority.description)
                    """)
        }
    }

    /// The authorities whose list, or one of whose statuses, is to be fetched by `time`. What is due later than the age
    /// limit allows was written under another clock, and is due as well.
    public func authoritiesDue(at time: Date) throws(RegistryFault) -> [AuthorityRecord] {
        let now = time.milliseconds
        let due: SQL = """
            SELECT * FROM authority
            WHERE statusKind = 'crl'
                AND (statusDueAt <= \(now) OR statusDueAt > \(now) + statusAgeLimit * 1000)
            OR statusKind = 'ocsp' AND (
                EXISTS (SELECT 1 FROM certificateStatus WHERE authority = fingerprint AND dueAt <= \(now))
                OR EXISTS (SELECT 1 FROM certificateStatus
                    WHERE authority = fingerprint AND dueAt > \(now) + statusAgeLimit * 1000))
            """
        return try read { database in
            try Row.fetchAll(database, SQLRequest(literal: due)).map { try AuthorityRecord(row: $0) }
        }
    }

    /// Notes when the list of an authority is to be fetched again.
    public func postponeList(of authority: Digest, until time: Date) throws(RegistryFault) {
        try write { database in
            try database.execute(
                literal: """
                    UPDATE authority SET statusDueAt = \(time.milliseconds)
                    WHERE fingerprint = \(authority.description)
                    """)
        }
    }

    /// Asks for a status that is not held. Nothing happens when it is, was asked for before, or the authority is
    /// accepted no longer.
    public func askStatus(
        of certificate: Digest, serial: String, by authority: Digest
    ) throws(RegistryFault) {
        try write { database in
            try database.execute(
                literal: """
                    INSERT INTO certificateStatus (authority, certificate, serial, dueAt)
                    SELECT fingerprint, \(certificate.description), \(serial), 0 FROM authority
                    WHERE fingerprint = \(authority.description)
                    ON CONFLICT DO NOTHING
                    """)
        }
    }

    /// The status of an authority that is due longest. What was fetched before for a certificate that is registered no
    /// longer is forgotten instead.
    public func statusDue(by authority: Digest, at time: Date) throws(RegistryFault) -> DueStatus? {
        let now = time.milliseconds
        return try write { database in
            try database.execute(
                literal: """
                    DELETE FROM certificateStatus
                    WHERE authority = \(authority.description) AND dueAt <= \(now) AND fetchedAt IS NOT NULL
                        AND certificate NOT IN (SELECT fingerprint FROM certificate
                            WHERE revokedAt IS NULL AND notAfter > \(now))
                        AND certificate NOT IN (SELECT fingerprint FROM authority)
                    """)
            // The one due longest, or else one that was put off under another clock.
            let due: SQL = """
                SELECT certificate, serial FROM (
                    SELECT * FROM (SELECT certificate, serial FROM certificateStatus
                        WHERE authority = \(authority.description) AND dueAt <= \(now) ORDER BY dueAt LIMIT 1)
                    UNION ALL
                    SELECT * FROM (SELECT certificate, serial FROM certificateStatus
                        WHERE authority = \(authority.description) AND dueAt > \(now) + 1000 * (
                            SELECT statusAgeLimit FROM authority WHERE fingerprint = \(authority.description))
                        LIMIT 1)
                ) LIMIT 1
                """
            return try Row.fetchOne(database, SQLRequest(literal: due))
                .map {
                    DueStatus(
                        certificate: try $0.digest("certificate"), serial: try $0.decode(forColumn: "serial"))
                }
        }
    }

    /// Keeps what a responder said, in place of what it said before. The caller has verified it. `.olderList` when it
    /// is from before what is held: an answer shown a second time. Nothing happens when the status was not asked for.
    public func keepStatus(
        _ status: CertificateStatus, of certificate: Digest, by authority: Digest, dueAt: Date
    ) throws(RegistryFault) {
        try write { database in
            let known: SQL = """
                SELECT thisUpdate FROM certificateStatus
                WHERE authority = \(authority.description) AND certificate = \(certificate.description)
                """
            let held = try Int64.fetchOne(database, SQLRequest(literal: known))
            guard held ?? .min <= status.thisUpdate.milliseconds else {
                throw RegistryFault(.olderList, "A newer status of that certificate is held.")
            }
            try database.execute(
                literal: """
                    UPDATE certificateStatus SET dueAt = \(dueAt.milliseconds),
                        fetchedAt = \(status.fetchedAt.milliseconds),
                        thisUpdate = \(status.thisUpdate.milliseconds),
                        nextUpdate = \(status.nextUpdate?.milliseconds),
                        revokedAt = \(status.revokedAt?.milliseconds)
                    WHERE authority = \(authority.description) AND certificate = \(certificate.description)
                    """)
        }
    }

    /// Lets others go first, after an answer that was none.
    public func postponeStatus(
        of certificate: Digest, by authority: Digest, until time: Date
    ) throws(RegistryFault) {
        try write { database in
            try database.execute(
                literal: """
                    UPDATE certificateStatus SET dueAt = \(time.milliseconds)
                    WHERE authority = \(authority.description) AND certificate = \(certificate.description)
                    """)
        }
    }
}

extension Registry: StatusDirectory {
    public func status(
        of certificate: Digest, serial: String, by authority: Digest
    ) throws(Deferral) -> CertificateStatus? {
        do {
            let known: SQL = """
                SELECT * FROM certificateStatus
                WHERE authority = \(authority.description) AND certificate = \(certificate.description)
                """
            return try read {
                try Row.fetchOne($0, SQLRequest(literal: known)).flatMap(CertificateStatus.init)
            }
        } catch {
            throw Deferral(.registryUnavailable, error.sentence)
        }
    }
}

extension CertificateStatus {
    /// Nil while it was only asked for.
    fileprivate init?(row: Row) throws {
        guard let fetched = try row.decode(Int64?.self, forColumn: "fetchedAt"),
            let update = try row.decode(Int64?.self, forColumn: "thisUpdate")
        else { return nil }
        let next: Int64? = try row.decode(forColumn: "nextUpdate")
        let revoked: Int64? = try row.decode(forColumn: "revokedAt")
        self.init(
            revokedAt: revoked.map { Date(milliseconds: $0) }, thisUpdate: Date(milliseconds: update),
            nextUpdate: next.map { Date(milliseconds: $0) }, fetchedAt: Date(milliseconds: fetched))
    }
}

extension AuthorityRecord {
    init(row: Row) throws {
        let kind: String = try row.decode(forColumn: "statusKind")
        let limit: Int64? = try row.decode(forColumn: "statusAgeLimit")
        let url: String? = try row.decode(forColumn: "statusURL")
        guard
            let source = StatusSource.Kind(rawValue: kind).flatMap({
                StatusSource($0, url: url, ageLimit: limit.map { Double($0) })
            })
        else { throw RegistryFault.unavailable("the stored source of an authority's statuses is damaged") }
        self.init(
            facts: try CertificateFacts(row: row),
            addedAt: Date(milliseconds: try row.decode(forColumn: "addedAt")),
            source: source
        )
    }
}
