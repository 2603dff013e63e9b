public import typealias Foundation.TimeInterval

/// What a spool allows and how long it keeps things. Times are in seconds.
public struct SpoolLimits: Sendable {
    /// Bytes one file may have while it arrives. Above the limit of a declaration (35 MB, domain 9.4), so
    /// that one that is somewhat too large is still taken whole and refused by the decision, with a receipt.
    public var fileSize: Int64 = 70 * 1024 * 1024
    /// Unsealed files in one directory of one sender.
    public var filesPerMailbox = 10_000
    /// Sets of one sender that were begun to be handed over whole and are not sealed.
    public var consignmentsPerSender = 200
    /// Sets of one sender that are handed out to be decided at the same time. With one fewer than there are threads that
    /// decide, no sender can have all of them busy.
    public var decisionsPerSender = Int.max
    /// Sets of one sender that may be refused in a second, over a longer time, before channels are to let it wait; nil for any
    /// number (`RefusalPace`).
    public var refusedPerSecond: Double? = 10
    /// Bytes of all unsealed files of one sender, in its incoming directories and its consignments together,
    /// so that none can fill the disk for all.
    public var bytesPerSender: Int64 = 500_000_000
    /// Free bytes of the disk below which nothing more is taken in.
    public var freeFloor: Int64 = 256 * 1024 * 1024
    /// From the last write of a file to its being answered although no GO came (130; domain 9.6).
    public var incompleteDelay: TimeInterval = 86_400
    /// How long a GO waits for files that are not there yet, counted from the last thing that happened to its
    /// set.
    public var earlyTriggerWait: TimeInterval = 5
    /// How long a GO waits for an upload of its set that is still open, counted from its last write.
    public var idleUploadWait: TimeInterval = 600
    /// From one sweep to the next.
    public var sweepInterval: TimeInterval = 60
    /// How long the bytes of a settled set are kept (domain 9.9: not at all).
    public var heldRetention: TimeInterval = 0
    /// How long published answers are kept for a sender that does not delete them (domain 9.9).
    public var answerRetention: TimeInterval = 30 * 86_400
    /// How long a set begun with a note is kept that nothing happens to.
    public var consignmentRetention: TimeInterval = 86_400
    /// How long it is known under which mark a set was handed over.
    public var markRetention: TimeInterval = 30 * 86_400
    /// Threads that sync sealed files; as many publish answers. They mostly wait for the disk, so there are
    /// more of them than cores.
    public var syncThreads = 16

    public init() {}
}
