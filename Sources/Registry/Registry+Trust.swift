public import Exchange
public import Foundation
internal import GRDB

extension Registry {
    /// Accepts an authority. `.notAnAuthority`, `.alreadyExists`.
    public func addAuthority(_ certificate: CertificateFacts) throws(RegistryFault) {
        let now = clock()
        try write { database in
            try certificate.requireOwnFingerprint()
            guard certificate.isAuthority else {
                throw RegistryFault(.notAnAuthority, "The certificate is not that of an authority.")
            }
            let fingerprint = certificate.fingerprint.description
            let known: SQL = "SELECT 1 FROM authority WHERE fingerprint = \(fingerprint)"
            if try Row.fetchOne(database, SQLRequest(literal: known)) != nil {
                throw RegistryFault(.alreadyExists, "Authority \(fingerprint) is accepted already.")
            }
            let values = certificate.columnValues
            try database.execute(
                literal: """
                    INSERT INTO authority (fingerprint, addedAt, \(sql: CertificateFacts.columns))
                    VALUES (\(fingerprint), \(now.milliseconds), \(values))
                    """)
        }
    }

    /// The accepted authorities, in the order they were added.
    public func authorities() throws(RegistryFault) -> [AuthorityRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM authority ORDER BY addedAt, fingerprint")
                .map { try AuthorityRecord(row: $0) }
        }
    }

    /// Accepts an authority no longer, whatever certificates it issued. `.unknownFingerprint`.
    public func removeAuthority(_ fingerprint: Digest) throws(RegistryFault) {
        try delete(fingerprint, from: "authority")
    }

    /// Keeps a revocation list in place of the one of the same issuer. The caller has verified who signed it.
    /// `.olderList` when its number or `thisUpdate` is below that of the stored one; the same list again is
    /// fine.
    public func addRevocationList(_ list: RevocationListFacts) throws(RegistryFault) {
        let now = clock()
        try write { database in
            guard Digest(sha256: list.der) == list.fingerprint else {
                throw RegistryFault(.invalid, "The fingerprint is not the SHA-256 of the list.")
            }
            let known: SQL = "SELECT * FROM revocationList WHERE issuer = \(list.issuer)"
            if let row = try Row.fetchOne(database, SQLRequest(literal: known)) {
                guard try !list.isOlder(than: RevocationListFacts(row: row)) else {
                    throw RegistryFault(.olderList, "A newer revocation list of that issuer is stored.")
                }
            }
            try database.execute(
                literal: """
                    INSERT OR REPLACE INTO revocationList
                        (issuer, fingerprint, der, number, thisUpdate, nextUpdate, addedAt)
                    VALUES (\(list.issuer), \(list.fingerprint.description), \(Data(list.der)), \(list.number),
                        \(list.thisUpdate.milliseconds), \(list.nextUpdate?.milliseconds), \(now.milliseconds))
                    """)
        }
    }

    /// One list for each issuer that has one, by issuer.
    public func revocationLists() throws(RegistryFault) -> [RevocationListFacts] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM revocationList ORDER BY issuer")
                .map { try RevocationListFacts(row: $0) }
        }
    }

    /// When each list was last taken, by its fingerprint; the same list taken again counts.
    public func revocationListTimes() throws(RegistryFault) -> [Digest: Date] {
        try read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT fingerprint, addedAt FROM revocationList")
            return try Dictionary(
                rows.map {
                    (try $0.digest("fingerprint"), Date(milliseconds: try $0.decode(forColumn: "addedAt")))
                },
                uniquingKeysWith: max)
        }
    }

    /// Forgets a revocation list. `.unknownFingerprint`.
    public func removeRevocationList(_ fingerprint: Digest) throws(RegistryFault) {
        try delete(fingerprint, from: "revocationList")
    }

    private func delete(_ fingerprint: Digest, from table: String) throws(RegistryFault) {
        try write { database in
            try database.execute(
                literal: "DELETE FROM \(sql: table) WHERE fingerprint = \(fingerprint.description)")
            guard database.changesCount == 1 else {
                throw RegistryFault(.unknownFingerprint, "There is nothing of fingerprint \(fingerprint).")
            }
        }
    }
}

extension RevocationListFacts {
    fileprivate init(row: Row) throws {
        let der: Data = try row.decode(forColumn: "der")
        let nextUpdate: Int64? = try row.decode(forColumn: "nextUpdate")
        try self.init(
            der: Array(der), fingerprint: row.digest("fingerprint"), issuer: row.decode(forColumn: "issuer"),
            number: row.decode(forColumn: "number"),
            thisUpdate: Date(milliseconds: row.decode(forColumn: "thisUpdate")),
            nextUpdate: nextUpdate.map { Date(milliseconds: $0) })
    }

    /// By number when both have one (RFC 5280 section 5.2.3: it only ever grows), and always by `thisUpdate`.
    fileprivate func isOlder(than other: RevocationListFacts) -> Bool {
        if thisUpdate.milliseconds < other.thisUpdate.milliseconds { return true }
        guard let number, let otherNumber = other.number else { return false }
        // Numbers have up to 20 bytes, so they are compared as text.
        let digits = number.drop { $0 == "0" }
        let otherDigits = otherNumber.drop { $0 == "0" }
        return (digits.utf8.count, String(digits)) < (otherDigits.utf8.count, String(otherDigits))
    }
}
