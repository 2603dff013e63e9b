/// Where accepted sets of an application go. Delivery is at least once: the ticket travels with it, and delivering the
/// same ticket again must not double it.
public protocol Destination: Sendable {
    /// Returns when the back-end has it durably. A deferral means it may or may not have; it is tried again.
    func deliver(_ delivery: Delivery) throws(Deferral)
    /// Delivers several, in their order and each as if alone: those before the first that is deferred, and none after it.
    func deliver(_ deliveries: [Delivery]) -> Delivered
    /// The ledger has these deliveries: what was kept to recognise a repeat of their tickets may go. What cannot go now
    /// may stay for ever. Harmless when repeated.
    func confirm(_ tickets: [Ticket])
}

/// What became of several deliveries.
public struct Delivered: Sendable {
    /// How many of the first the back-end has.
    public let count: Int
    /// Why the next one is tried again; nil when there is none.
    public let deferral: Deferral?

    /// - Parameter deferral: why not all were, unless they were.
    public init(count: Int, deferral: Deferral? = nil) {
        self.count = count
        self.deferral = deferral
    }
}

extension Destination {
    /// One after the other.
    public func deliver(_ deliveries: [Delivery]) -> Delivered { deliverSingly(deliveries) }

    /// One after the other.
    public func deliverSingly(_ deliveries: [Delivery]) -> Delivered {
        for (count, delivery) in deliveries.enumerated() {
            do {
                try deliver(delivery)
            } catch {
                return Delivered(count: count, deferral: error)
            }
        }
        return Delivered(count: deliveries.count)
    }
}

/// An accepted set on its way to the back-end.
public struct Delivery: Sendable {
    public let ticket: Ticket
    public let files: [File]
    /// `manifest.json`, described by `docs/manifest.schema.json`.
    public let manifest: [UInt8]

    public struct File: Sendable {
        public let name: FileName
        /// Where the held bytes lie.
        public let path: String

        public init(name: FileName, path: String) {
            self.name = name
            self.path = path
        }
    }

    public init(ticket: Ticket, files: [File], manifest: [UInt8]) {
        self.ticket = ticket
        self.files = files
        self.manifest = manifest
    }
}
