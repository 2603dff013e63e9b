internal import Exchange
internal import GRDB

internal import struct Foundation.Data
internal import struct Foundation.Date

/// Certificates as the tables `certificate` and `authority` hold them.
extension CertificateFacts {
    static let columns = """
        der, subject, issuer, owner, company, serialDecimal, serialHexadecimal, notBefore, notAfter, keyKind,
        keyBits, isAuthority
        """

    /// In the order of `columns`.
    var columnValues: SQL {
        """
        \(Data(der)), \(subject), \(issuer), \(owner), \(company), \(serialDecimal), \(serialHexadecimal),
        \(notBefore.milliseconds), \(notAfter.milliseconds), \(keyKind), \(keyBits), \(isAuthority)
        """
    }

    /// From a row with `fingerprint` and `columns`.
    init(row: Row) throws {
        let der: Data = try row.decode(forColumn: "der")
        try self.init(
            der: Array(der), fingerprint: row.digest("fingerprint"),
            subject: row.decode(forColumn: "subject"),
            issuer: row.decode(forColumn: "issuer"), owner: row.decode(forColumn: "owner"),
            company: row.decode(forColumn: "company"), serialDecimal: row.decode(forColumn: "serialDecimal"),
            serialHexadecimal: row.decode(forColumn: "serialHexadecimal"),
            notBefore: Date(milliseconds: row.decode(forColumn: "notBefore")),
            notAfter: Date(milliseconds: row.decode(forColumn: "notAfter")),
            keyKind: row.decode(forColumn: "keyKind"), keyBits: row.decode(forColumn: "keyBits"),
            isAuthority: row.decode(forColumn: "isAuthority"))
    }

    /// A certificate is known by its fingerprint, so it must be that of the bytes.
    func requireOwnFingerprint() throws {
        guard Digest(sha256: der) == fingerprint else {
            throw RegistryFault(.invalid, "The fingerprint is not the SHA-256 of the certificate.")
        }
    }
}

extension Row {
    /// A stored fingerprint.
    func digest(_ column: String) throws -> Digest {
        let text = try decode(String.self, forColumn: column)
        guard let digest = Digest(hexadecimal: text) else {
            throw RegistryFault.unavailable("a stored fingerprint is damaged")
        }
        return digest
    }
}
