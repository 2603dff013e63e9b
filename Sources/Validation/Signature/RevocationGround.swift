public import Exchange

public import struct Foundation.Date

/// What the judgement of revocation stands on besides the lists.
public struct RevocationGround: Sendable {
    /// Of each accepted authority, by the SHA-256 of its certificate; the others have files.
    public let sources: [Digest: StatusSource]
    /// When each list was last taken, by its SHA-256.
    public let listsTaken: [Digest: Date]
    /// Asked for what authorities with a responder have issued.
    public let statuses: (any StatusDirectory)?

    public init(
        sources: [Digest: StatusSource] = [:], listsTaken: [Digest: Date] = [:],
        statuses: (any StatusDirectory)? = nil
    ) {
        self.sources = sources
        self.listsTaken = listsTaken
        self.statuses = statuses
    }
}
