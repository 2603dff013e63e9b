internal import Exchange
internal import Synchronization

/// Registered certificates in decoded form, so that each is decoded once and not at every set. Any thread may
/// call.
final class CertificateCache: Sendable {
    private let certificates = Mutex<[[UInt8]: DecodedCertificate]>([:])
    private static let limit = 4096

    /// - Throws: `.notACertificate`.
    func certificate(_ der: [UInt8]) throws(CertificateFault) -> DecodedCertificate {
        if let known = certificates.withLock({ $0[der] }) { return known }
        let decoded = try DecodedCertificate(der: der)
        certificates.withLock { certificates in
            if certificates.count >= CertificateCache.limit { certificates.removeAll() }
            certificates[der] = decoded
        }
        return decoded
    }
}
