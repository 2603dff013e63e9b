public import struct Foundation.TimeInterval

/// What failed attempts to prove who one is cost the address they come from: some are free, each further one shuts the
/// address out for twice as long as the one before. Only the address pays, never the sender, so that nobody can be
/// locked out by a stranger who uses their name (the habit of OpenSSH's `PerSourcePenalties`).
///
/// A name that fails again and again, from wherever, takes the free failures from the address that fails with it next:
/// who spreads guesses over many addresses has one in each. A sender whose name that is logs in as before, only that a
/// mistake of their own costs from the first on, as long as the guessing lasts.
public struct PenaltyPolicy: Sendable, Hashable {
    /// Off, nothing is counted.
    public var isOn = true
    /// Failures without a penalty.
    public var freeFailures = 3
    /// Failures with one name, from all addresses together, after which it has no free ones.
    public var userFailures = 20
    /// Seconds for the first failure that costs.
    public var first: TimeInterval = 2
    /// Seconds at the most.
    public var longest: TimeInterval = 600
    /// Seconds without a failure after which one is forgotten; twice that forgets two, and so on.
    public var forgetting: TimeInterval = 60
    /// Numeric addresses that never pay; with IPv6 their /64, as limits and penalties count by that.
    public var exempt: Set<String> = []

    /// With the usual values.
    public init() {}
}
