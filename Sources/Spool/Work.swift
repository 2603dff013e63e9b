public import Exchange

/// A set to be decided, leased to one caller.
public struct UndecidedSet: Sendable, Hashable {
    public let set: SealedSet
    /// How often it was postponed before.
    public let attempt: Int
    /// How often it was postponed because it failed a worker, whatever came in between, since an operator gave it back.
    public let workersFailed: Int
}

/// An accepted set to be delivered, leased to one caller.
public struct UndeliveredSet: Sendable, Hashable {
    public let set: SealedSet
    public let destination: String
    public let decisionJSON: String
    /// How often its delivery was postponed before.
    public let attempt: Int
}

/// An accepted set that binds its name (133).
public struct AcceptedSet: Sendable, Hashable {
    public let ticket: Ticket
    /// Sorted by name.
    public let parts: [SealedSet.Part]
}
