import Exchange

@testable import Spool

/// What the ledger may say of a set whose files are found at a start.
enum LeftoverRow: CaseIterable {
    case none, received, accepted, onHold, refused, routed, retired

    /// Brings the row of `set` there, step by step.
    func enter(_ set: SealedSet, by writing: SetWriting) throws {
        if self == .none { return }
        _ = try writing.insert(set)
        switch self {
        case .none, .received: break
        case .accepted: _ = try writing.decide(.accepted(set), for: set)
        case .onHold: _ = try writing.hold(set.ticket, Deferral(.unknown, "For a look."))
        case .refused: _ = try writing.decide(.refused(set), for: set)
        case .routed:
            _ = try writing.decide(.accepted(set), for: set)
            _ = try writing.recordDelivered(set.ticket)
        case .retired:
            _ = try writing.decide(.refused(set), for: set)
            try writing.retire(set.ticket)
        }
    }
}
