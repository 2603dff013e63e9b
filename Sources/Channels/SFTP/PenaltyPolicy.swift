public import struct Foundation.TimeInterval

/// What failed log-ins cost the address they come from: some are free, each further one shuts the address out
/// for twice as long as the one before. Only the address pays, never the sender, so that nobody can be locked
/// out by a stranger who uses their name (the habit of OpenSSH's `PerSourcePenalties`).
///
/// A failed log-in is a connection that offered a key or a password, and ended without being let in; it counts
/// at its fourth refusal already, and no longer when it is let in after all. A connection that began a key
/// exchange and never tried to log in counts an eighth. One that sent nothing does not count.
public struct PenaltyPolicy: Sendable, Hashable {
    public var isOn = true
    /// Failures without a penalty.
    public var freeFailures = 3
    /// Seconds for the first failure that costs.
    public var first: TimeInterval = 2
    /// Seconds at the most.
    public var longest: TimeInterval = 600
    /// Seconds without a failure after which one is forgotten; twice that forgets two, and so on.
    public var forgetting: TimeInterval = 60
    /// Numeric addresses that never pay.
    public var exempt: Set<String> = []

    public init() {}
}
