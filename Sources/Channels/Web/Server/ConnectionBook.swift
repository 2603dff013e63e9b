internal import Synchronization

/// Counts connections, in all and by network, and says who may come in.
///
/// A connection on which nobody has proven who he is holds its place only while nobody else needs it: when a network,
/// or the service, is full, the oldest of those makes room. Connections of strangers thus never keep a sender out.
final class ConnectionBook: Sendable {
    private struct Place {
        let network: PeerNetwork
        let cut: @Sendable () -> Void
    }

    private struct Content {
        var places: [ObjectIdentifier: Place] = [:]
        var byNetwork: [PeerNetwork: Int] = [:]
        /// Those on which nothing was proven, in the order of their coming.
        var strangers: [ObjectIdentifier] = []
    }

    private let most: Int
    private let mostPerNetwork: Int
    private let content = Mutex(Content())

    init(most: Int, mostPerNetwork: Int) {
        self.most = most
        self.mostPerNetwork = mostPerNetwork
    }

    /// False when there are as many as there may be and none makes room; then nothing was counted.
    ///
    /// - Parameter cut: closes the connection, which is no longer counted then. Called on any thread, once at most.
    func enter(_ connection: WebConnection, cut: @escaping @Sendable () -> Void) -> Bool {
        let network = connection.peer
        let (isIn, evicted) = content.withLock { content -> (Bool, Place?) in
            var evicted: Place?
            let isNetworkFull = content.byNetwork[network, default: 0] >= mostPerNetwork
            if isNetworkFull || content.places.count >= most {
                let oldest = content.strangers.first {
                    !isNetworkFull || content.places[$0]?.network == network
                }
                guard let oldest else { return (false, nil) }
                evicted = ConnectionBook.remove(oldest, from: &content)
            }
            content.places[ObjectIdentifier(connection)] = Place(network: network, cut: cut)
            content.byNetwork[network, default: 0] += 1
            content.strangers.append(ObjectIdentifier(connection))
            return (true, evicted)
        }
        evicted?.cut()
        return isIn
    }

    /// A caller was admitted on the connection: from now on its place is its own.
    func prove(_ connection: WebConnection) {
        content.withLock { $0.strangers.removeAll { $0 == ObjectIdentifier(connection) } }
    }

    /// Harmless when the connection has made room before.
    func leave(_ connection: WebConnection) {
        content.withLock { _ = ConnectionBook.remove(ObjectIdentifier(connection), from: &$0) }
    }

    var count: Int { content.withLock { $0.places.count } }

    private static func remove(_ connection: ObjectIdentifier, from content: inout Content) -> Place? {
        guard let place = content.places.removeValue(forKey: connection) else { return nil }
        let rest = content.byNetwork[place.network, default: 1] - 1
        content.byNetwork[place.network] = rest == 0 ? nil : rest
        content.strangers.removeAll { $0 == connection }
        return place
    }
}
