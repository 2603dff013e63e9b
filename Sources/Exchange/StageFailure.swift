/// Why a stage of the decision gave no evidence. A bug of ours is neither; it traps.
public enum StageFailure: Error, Sendable {
    /// Final, told to the sender. Never empty.
    case refused([Finding])
    /// Ours: the set waits and is tried again.
    case deferred(Deferral)
}

/// Something of ours is not in order: the set waits, is retried, and shows in the queue with this reason.
public struct Deferral: Error, Sendable, Hashable, Codable {
    public enum Reason: String, Sendable, Codable, CaseIterable {
        case diskFault = "disk-fault"
        case registryUnavailable = "registry-unavailable"
        case ledgerUnavailable = "ledger-unavailable"
        case revocationUnknown = "revocation-unknown"
        case schemaUnavailable = "schema-unavailable"
        case destinationUnavailable = "destination-unavailable"
        case signingUnavailable = "signing-unavailable"
        case bytesChanged = "bytes-changed"
        /// No worker process can be had.
        case workerUnavailable = "worker-unavailable"
        /// The worker process that judged the set ended before its verdict, or gave none that can be.
        case workerFailed = "worker-failed"
        /// Nothing is wrong: an operator had the set wait.
        case operatorHold = "operator-hold"
        case unknown = "unknown-error"
    }

    public let reason: Reason
    /// One English sentence for the operator, cause included.
    public let sentence: String
    /// How long to wait before the next attempt, where whoever defers knows; otherwise the attempts made so far say.
    public let pause: Duration?

    public init(_ reason: Reason, _ sentence: String, pause: Duration? = nil) {
        self.reason = reason
        self.sentence = sentence
        self.pause = pause
    }
}
