internal import COpenSSL

/// A file with certificates or lists as people hand them over: PEM with or without text around it, or bare
/// DER.
struct PEMFile {
    /// DER of every block of the wanted kind; of the whole file when it has no armour.
    let blocks: [[UInt8]]

    /// - Throws: `.privateKeyGiven` when any part is a private key; `.notACertificate` when nothing is
    ///   wanted.
    init(_ file: [UInt8], labels: Set<String>) throws(CertificateFault) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard !file.isEmpty else { throw .notACertificate }
        if file[0] == BERElement.sequence, BERElement(whole: file) != nil {
            if PEMFile.isPrivateKey(file) { throw .privateKeyGiven }
            blocks = [file]
            return
        }
        let source = try OpenSSLValue.memory(file)
        var blocks: [[UInt8]] = []
        while let (label, der) = PEMFile.next(source) {
            if label.hasSuffix("PRIVATE KEY") || label == "PKCS12" { throw .privateKeyGiven }
            if labels.contains(label) { blocks.append(der) }
        }
        if blocks.isEmpty { throw PEMFile.isPrivateKey(file) ? .privateKeyGiven : .notACertificate }
        self.blocks = blocks
    }

    private static func next(_ source: borrowing OpenSSLOwner) -> (label: String, der: [UInt8])? {
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard PEM_read_bio(source.handle, &name, &header, &bytes, &count) == 1 else { return nil }
        defer {
            CRYPTO_free(name, nil, 0)
            CRYPTO_free(header, nil, 0)
            CRYPTO_free(bytes, nil, 0)
        }
        guard let name, let bytes else { return nil }
        return (String(cString: name), Array(UnsafeBufferPointer(start: bytes, count: count)))
    }

    /// PKCS#1, SEC 1, PKCS#8 (open or encrypted) or PKCS#12.
    private static func isPrivateKey(_ der: [UInt8]) -> Bool {
        func decodes(
            _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?,
            _ free: @escaping (OpaquePointer) -> Void
        ) -> Bool {
            guard let handle = OpenSSLValue.decode(der, decode, free: free) else { return false }
            free(handle)
            return true
        }
        return decodes({ d2i_AutoPrivateKey(nil, $0, $1) }, { EVP_PKEY_free($0) })
            || decodes({ d2i_PKCS12(nil, $0, $1) }, { PKCS12_free($0) })
            || decodes({ d2i_X509_SIG(nil, $0, $1) }, { X509_SIG_free($0) })
    }
}
