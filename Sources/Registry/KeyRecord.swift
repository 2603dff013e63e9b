public import struct Foundation.Date

/// An SSH key as a channel holds it.
public struct KeyRecord: Sendable, Hashable, Codable, Revocable {
    /// Such as `ssh-ed25519`.
    public let algorithm: String
    public let bits: Int
    /// As OpenSSH writes it: `SHA256:` and base64 without padding.
    public let fingerprint: String
    /// The line of an OpenSSH `.pub` file, without comment.
    public let line: String
    /// Bounds of the registration; from the first until before the second.
    public let validFrom: Date?
    public let validUntil: Date?
    /// From this time on it no longer counts.
    public let revokedAt: Date?
    public let registeredAt: Date
}
