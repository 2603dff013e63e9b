public import Exchange
public import Foundation

/// What a `TrustStore` is made of, as plain data.
public struct TrustMaterial: Sendable, Codable {
    /// DER of the certificates accepted as authorities.
    public let authorities: [Data]
    public let lists: [List]
    /// Of each accepted authority, by the SHA-256 of its certificate; the others have files.
    public let sources: [Digest: StatusSource]

    /// A revocation list, and when it was last taken.
    public struct List: Sendable, Codable {
        public let der: Data
        public let takenAt: Date
    }
}
