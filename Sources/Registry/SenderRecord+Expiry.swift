public import Exchange

public import struct Foundation.Date

/// When a sender's signing ends unless it renews.
public struct CertificateExpiry: Sendable, Hashable, Codable {
    public let expiresAt: Date
    /// Whole days that are left; 0 on the last one and after it.
    public let daysLeft: Int
    public let isOver: Bool
    /// Nil while the end is more than sixty days away, and when it has come.
    public let warning: ExpiryWarning?
}

extension SenderRecord {
    /// The next end of a certificate that signs for this sender; the last one when all have ended, and nil when none is
    /// registered. Revoked certificates do not count.
    public func nextExpiry(at time: Date) -> CertificateExpiry? {
        let ends = channels.flatMap(\.certificates)
            .filter { certificate in certificate.revokedAt.map { $0 > time } ?? true }
            .map { min($0.facts.notAfter, $0.validUntil ?? .distantFuture) }
        guard let end = ends.filter({ $0 > time }).min() ?? ends.max() else { return nil }
        return CertificateExpiry(
            expiresAt: end, daysLeft: max(0, Int(end.timeIntervalSince(time) / 86_400)), isOver: end <= time,
            warning: ExpiryWarning.due(at: time, end: end))
    }
}
