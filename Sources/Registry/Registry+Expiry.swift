public import Exchange
internal import GRDB

public import struct Foundation.Date

/// A certificate that signs for a sender.
public struct CurrentCertificate: Sendable, Hashable {
    public let sender: SenderNumber
    public let facts: CertificateFacts
    /// The days before its end that its sender's people were last warned of; nil when they were not.
    public let warnedDays: Int?
}

extension Registry {
    /// The certificates that a channel holds, that are not revoked and not past their own end, by that end.
    public func currentCertificates(at time: Date) throws(RegistryFault) -> [CurrentCertificate] {
        let current: SQL = """
            SELECT * FROM certificate
            WHERE revokedAt IS NULL AND notAfter > \(time.milliseconds)
                AND fingerprint IN (SELECT fingerprint FROM channelCertificate)
            ORDER BY notAfter, fingerprint
            """
        return try read { database in
            try Row.fetchAll(database, SQLRequest(literal: current)).map { row in
                let number: String = try row.decode(forColumn: "sender")
                guard let sender = SenderNumber(number) else {
                    throw RegistryFault.unavailable("a stored number is damaged")
                }
                return try CurrentCertificate(
                    sender: sender, facts: CertificateFacts(row: row),
                    warnedDays: row.decode(forColumn: "warnedDays"))
            }
        }
    }

    /// Notes that the end of a certificate was warned of, so that it is not given again.
    public func noteWarning(_ warning: ExpiryWarning, of certificate: Digest) throws(RegistryFault) {
        try write { database in
            try database.execute(
                literal: """
                    UPDATE certificate SET warnedDays = \(warning.days) WHERE fingerprint = \(certificate.description)
                    """)
        }
    }
}
