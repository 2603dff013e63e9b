internal import COpenSSL
internal import Exchange
internal import Synchronization

/// Registered certificates in decoded form, so that each is decoded once and not at every set. Of a stranger's
/// certificates only digests are kept, and nothing of what was decoded while memory ran out. Any thread may call.
final class CertificateCache: Sendable {
    private let certificates = Mutex<[[UInt8]: DecodedCertificate]>([:])
    /// Embedded ones that are certificates, for what that is worth.
    private let readable = Mutex<Set<Digest>>([])
    private static let limit = 4096

    /// - Throws: `.notACertificate`; `.unsupportedKey` when the key cannot be read, which is so for want of memory, too.
    func certificate(_ der: [UInt8]) throws(CertificateFault) -> DecodedCertificate {
        if let known = certificates.withLock({ $0[der] }) { return known }
        let decoded = try DecodedCertificate(der: der)
        guard decoded.key != nil else { throw .unsupportedKey(decoded.keyStrength.kind) }
        // It may be wrong, and whoever takes the want of memory gives no verdict by it.
        if OpenSSLErrors.clear() { return decoded }
        certificates.withLock { certificates in
            if certificates.count >= CertificateCache.limit { certificates.removeAll() }
            certificates[der] = decoded
        }
        return decoded
    }

    /// Whether OpenSSL reads `der` as a certificate; nothing is said about what is in it.
    func isCertificate(_ der: [UInt8]) -> Bool {
        if certificates.withLock({ $0[der] != nil }) { return true }
        let digest = Digest(ofSHA256: der)
        if readable.withLock({ $0.contains(digest) }) { return true }
        defer { OpenSSLErrors.clear() }
        guard let handle = OpenSSLValue.decode(der, { d2i_X509(nil, $0, $1) }, free: { X509_free($0) }) else {
            return false
        }
        X509_free(handle)
        readable.withLock { readable in
            if readable.count >= CertificateCache.limit { readable.removeAll() }
            readable.insert(digest)
        }
        return true
    }
}
