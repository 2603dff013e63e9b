internal import Exchange
internal import Synchronization

/// Lets so many requests of each sender wait at once. A preference binds nobody (RFC 7240 section 2): who comes when
/// there are as many is answered at once.
final class WaitingRoom: Sendable {
    private let seats: Int
    private let taken = Mutex<[SenderNumber: Int]>([:])

    /// - Parameter seats: of each sender.
    init(seats: Int) {
        self.seats = seats
    }

    /// What `body` returns, which is told the preference as it is granted.
    func seating<Value>(
        _ sender: SenderNumber, _ preference: Preference, _ body: (Preference) async throws -> Value
    ) async rethrows -> Value {
        guard preference.wait != nil, enter(sender) else { return try await body(.none) }
        defer { leave(sender) }
        return try await body(preference)
    }

    private func enter(_ sender: SenderNumber) -> Bool {
        taken.withLock { taken in
            guard taken[sender, default: 0] < seats else { return false }
            taken[sender, default: 0] += 1
            return true
        }
    }

    private func leave(_ sender: SenderNumber) {
        taken.withLock { taken in
            let rest = taken[sender, default: 1] - 1
            taken[sender] = rest == 0 ? nil : rest
        }
    }
}
