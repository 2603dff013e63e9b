internal import struct Foundation.Date

/// What a registered certificate and a registered key have in common: when they count.
protocol Revocable {
    var validFrom: Date? { get }
    var validUntil: Date? { get }
    var revokedAt: Date? { get }
}

extension Revocable {
    /// From `validFrom` on, before `validUntil`, before `revokedAt`; a missing bound is none.
    func stands(at time: Date) -> Bool {
        if let validFrom, time < validFrom { return false }
        if let validUntil, time >= validUntil { return false }
        if let revokedAt, time >= revokedAt { return false }
        return true
    }
}
