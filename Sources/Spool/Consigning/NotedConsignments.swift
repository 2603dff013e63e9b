internal import Exchange
internal import Synchronization

/// The consignments with a note, to be found again by their ticket. Those without belong to whoever began
/// them.
final class NotedConsignments: Sendable {
    private let open = Mutex<[Ticket: OpenConsignment]>([:])

    var all: [OpenConsignment] { open.withLock { Array($0.values) } }

    subscript(ticket: Ticket) -> OpenConsignment? { open.withLock { $0[ticket] } }

    func add(_ consignment: OpenConsignment) {
        open.withLock { $0[consignment.ticket] = consignment }
    }

    func remove(_ ticket: Ticket) {
        // Let go outside the lock.
        _ = open.withLock { $0.removeValue(forKey: ticket) }
    }

    func removeAll() {
        let all = open.withLock { open in
            defer { open = [:] }
            return open
        }
        withExtendedLifetime(all) {}
    }
}
