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
        let der: Data = row["der"]
        self.init(
            der: Array(der), fingerprint: try row.digest("fingerprint"), subject: row["subject"],
            issuer: row["issuer"],
            owner: row["owner"], company: row["company"], serialDecimal: row["serialDecimal"],
            serialHexadecimal: row["serialHexadecimal"], notBefore: Date(milliseconds: row["notBefore"]),
            notAfter: Date(milliseconds: row["notAfter"]), keyKind: row["keyKind"], keyBits: row["keyBits"],
            isAuthority: row["isAuthority"])
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
        let text: String = self[column]
        guard let digest = Digest(hexadecimal: text) else {
            throw RegistryFault.unavailable("a stored fingerprint is damaged")
        }
        return digest
    }
}
