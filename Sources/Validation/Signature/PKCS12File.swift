internal import COpenSSL
internal import Exchange

/// A PKCS#12 archive (RFC 7292), `.p12` or `.pfx`, decoded and not yet opened. Borrows its PKCS12.
struct PKCS12File {
    private let archive: OpaquePointer

    init(borrowing archive: OpaquePointer) {
        self.archive = archive
    }

    /// Checks the archive's own authentication code, then takes out key, certificate and chain.
    ///
    /// - Parameter passphrase: nil for an archive with an empty one.
    func open(_ passphrase: Passphrase?) throws(KeyFault) -> KeyFile {
        let isOpen = unlocks(nil)
        if !isOpen {
            guard let passphrase else { throw .passphraseWanted }
            guard unlocks(passphrase) else { throw .wrongPassphrase }
        }
        var key: OpaquePointer?
        var certificate: OpaquePointer?
        var others: OpaquePointer?
        defer {
            X509_free(certificate)
            ecluse_certificates_free(others)
        }
        let isRead = withBytes(of: isOpen ? nil : passphrase) {
            PKCS12_parse(archive, $0, &key, &certificate, &others) == 1
        }
        guard isRead else { throw .unreadableContents }
        guard let key else { throw .noKeyInside }
        let signingKey = SigningKey(owning: OpenSSLOwner(owning: key) { EVP_PKEY_free($0) })
        return KeyFile(
            key: signingKey, certificate: try certificate.map(PKCS12File.facts),
            chain: PKCS12File.encodings(others))
    }

    /// An archive without an authentication code is locked by its encryption alone; opening it tells.
    private func unlocks(_ passphrase: Passphrase?) -> Bool {
        guard PKCS12_mac_present(archive) == 1 else { return passphrase != nil }
        // No passphrase is written in two ways: as nothing, and as an empty text.
        if passphrase == nil, PKCS12_verify_mac(archive, nil, 0) == 1 { return true }
        return withBytes(of: passphrase) { PKCS12_verify_mac(archive, $0, -1) == 1 }
    }

    private func withBytes<Result>(of passphrase: Passphrase?, _ body: (UnsafePointer<CChar>?) -> Result)
        -> Result
    {
        guard let passphrase else { return body("") }
        return passphrase.withCString { body($0) }
    }

    private static func facts(_ certificate: OpaquePointer) throws(KeyFault) -> CertificateFacts {
        guard let der = OpenSSLValue.der({ i2d_X509(certificate, $0) }) else { throw .unreadableContents }
        do {
            return try CertificateFacts.read(der)
        } catch {
            throw .certificate(error)
        }
    }

    private static func encodings(_ stack: OpaquePointer?) -> [[UInt8]] {
        guard let stack else { return [] }
        return (0..<max(0, ecluse_certificates_count(stack))).compactMap { index in
            let certificate = ecluse_certificates_at(stack, index)
            return OpenSSLValue.der { i2d_X509(certificate, $0) }
        }
    }
}
