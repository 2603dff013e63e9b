internal import Exchange
internal import Foundation
internal import Synchronization

/// Counts connections and sessions over all threads and says who may come in.
///
/// A connection that has not logged in holds its place only while nobody else needs it: when an address is
/// full, its oldest connection without log-in makes room; when the server is full, the oldest of the address
/// that has most of them, when it has more than a tenth of what an address may have, and otherwise the oldest
/// of all. Half-open connections thus never keep a sender out, nor does whoever opens them faster than others
/// log in put out a neighbour on another address.
final class SFTPGate: Sendable {
    enum Entry: Equatable {
        /// Comes in under this number; the connection `evicting` must be closed for it, excused when its address has not
        /// taken more room than others, and nothing else is held against it.
        case admitted(id: UInt64, evicting: UInt64?, isExcused: Bool = false)
        case refused(String)
    }

    private struct Place {
        let address: PeerAddress
        var sender: SenderNumber?
        var files = 0
    }

    private struct State {
        var places: [UInt64: Place] = [:]
        var perAddress: [String: Int] = [:]
        var perSender: [SenderNumber: Int] = [:]
        var filesPerSender: [SenderNumber: Int] = [:]
        /// Numbers of connections without log-in, in the order of their coming.
        var newcomers: [UInt64] = []
        var last: UInt64 = 0
        var penalties: PenaltyBook
    }

    private let configuration: SFTPServerConfiguration
    private let exempt: Set<String>
    private let state: Mutex<State>

    init(configuration: SFTPServerConfiguration) {
        self.configuration = configuration
        exempt = Set(configuration.penalty.exempt.map { PeerAddress($0).network })
        state = Mutex(State(penalties: PenaltyBook(policy: configuration.penalty)))
    }

    var count: Int { state.withLock { $0.places.count } }

    func enter(_ address: PeerAddress, at now: TimeInterval) -> Entry {
        state.withLock { state in
            let penalty = state.penalties.penalty(of: address.network, at: now)
            guard penalty == 0 else { return .refused("penalty for failed log-ins") }
            var evicting: UInt64?
            var isExcused = false
            if state.perAddress[address.network, default: 0] >= configuration.sessionsPerAddress {
                evicting = state.newcomers.first { state.places[$0]?.address.network == address.network }
                guard evicting != nil else { return .refused("too many sessions of this address") }
            } else if state.places.count >= configuration.sessions {
                evicting = oldestOfTheMost(in: state)
                isExcused = evicting == nil
                evicting = evicting ?? state.newcomers.first
                guard evicting != nil else { return .refused("too many sessions") }
            }
            if let evicting { SFTPGate.remove(evicting, from: &state) }
            state.last += 1
            state.places[state.last] = Place(address: address, sender: nil)
            state.perAddress[address.network, default: 0] += 1
            state.newcomers.append(state.last)
            return .admitted(id: state.last, evicting: evicting, isExcused: isExcused)
        }
    }

    /// Counts a session of `sender`; false when it has as many as it may, or the connection was evicted.
    func logIn(_ id: UInt64, as sender: SenderNumber) -> Bool {
        state.withLock { state in
            guard state.places[id] != nil, state.places[id]?.sender == nil,
                state.perSender[sender, default: 0] < configuration.sessionsPerSender
            else { return false }
            state.places[id]?.sender = sender
            state.perSender[sender, default: 0] += 1
            state.newcomers.removeAll { $0 == id }
            return true
        }
    }

    func leave(_ id: UInt64) {
        state.withLock { SFTPGate.remove(id, from: &$0) }
    }

    /// Counts an open file of the sender that session `id` belongs to; false when it has as many as it may.
    func openFile(in id: UInt64) -> Bool {
        state.withLock { state in
            guard let sender = state.places[id]?.sender,
                state.filesPerSender[sender, default: 0] < configuration.handlesPerSender
            else { return false }
            state.places[id]?.files += 1
            state.filesPerSender[sender, default: 0] += 1
            return true
        }
    }

    /// Gives back what `openFile(in:)` counted. A session that leaves gives back all it has.
    func closeFile(in id: UInt64) {
        state.withLock { state in
            guard let place = state.places[id], let sender = place.sender, place.files > 0 else { return }
            state.places[id]?.files -= 1
            SFTPGate.decrement(&state.filesPerSender, sender)
        }
    }

    /// Counts a failed log-in, or part of one, as `PenaltyBook` does; nil when nothing was counted.
    ///
    /// - Parameter users: whose names were tried.
    func noteFailure(
        from address: PeerAddress, as users: Set<String> = [], weight: Double = 1, at now: TimeInterval
    ) -> PenaltyBook.Charge? {
        guard !exempt.contains(address.network) else { return nil }
        return state.withLock {
            $0.penalties.noteFailure(from: address.network, as: users, weight: weight, at: now)
        }
    }

    /// Takes back a failed log-in.
    func forgive(_ charge: PenaltyBook.Charge) {
        state.withLock { $0.penalties.forgive(charge) }
    }

    /// Of the address that has the most connections without log-in; nil when none has many, as where each comes from
    /// another address: then the few of an honest one are not to pay.
    private func oldestOfTheMost(in state: State) -> UInt64? {
        var waiting: [String: (count: Int, oldest: UInt64)] = [:]
        for id in state.newcomers {
            guard let network = state.places[id]?.address.network else { continue }
            waiting[network, default: (0, id)].count += 1
        }
        return waiting.values.filter { $0.count > max(1, configuration.sessionsPerAddress / 10) }
            .min { ($1.count, $0.oldest) < ($0.count, $1.oldest) }?.oldest
    }

    private static func remove(_ id: UInt64, from state: inout State) {
        guard let place = state.places.removeValue(forKey: id) else { return }
        decrement(&state.perAddress, place.address.network)
        if let sender = place.sender {
            decrement(&state.perSender, sender)
            decrement(&state.filesPerSender, sender, by: place.files)
        }
        state.newcomers.removeAll { $0 == id }
    }

    private static func decrement<Key: Hashable>(_ counts: inout [Key: Int], _ key: Key, by number: Int = 1) {
        let count = (counts[key] ?? number) - number
        counts[key] = count > 0 ? count : nil
    }
}
