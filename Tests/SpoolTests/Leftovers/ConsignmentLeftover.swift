/// One combination of what a crash may leave of a set that was handed over whole.
struct ConsignmentLeftover: Sendable, CustomStringConvertible {
    /// What one of the two directories holds.
    struct Place: Sendable, CustomStringConvertible {
        enum Note: CaseIterable { case none, ours, foreign }

        let hasFile: Bool
        let note: Note
        /// `~.note` in `consigned/`, `~.copy` in `held/`.
        let isBeingWritten: Bool

        static let all: [Place?] =
            [nil]
            + [false, true].flatMap { hasFile in
                Note.allCases.flatMap { note in
                    [false, true].map { Place(hasFile: hasFile, note: note, isBeingWritten: $0) }
                }
            }

        var isEmpty: Bool { !hasFile && note == .none }
        var description: String { "file \(hasFile) note \(note) writing \(isBeingWritten)" }
    }

    let consigned: Place?
    let held: Place?
    let row: LeftoverRow

    static func all(with row: LeftoverRow) -> [ConsignmentLeftover] {
        Place.all.flatMap { consigned in
            Place.all.map { ConsignmentLeftover(consigned: consigned, held: $0, row: row) }
        }
    }

    var description: String {
        "consigned \(consigned.map { "\($0)" } ?? "–"), held \(held.map { "\($0)" } ?? "–"), row \(row)"
    }
}

/// What the start makes of it: the crash table of docs/INTERNALS.md, "Consigned".
struct ConsignmentRecovery {
    /// What lies in `consigned/` afterwards: a set that can be gone on with.
    var open: ConsignmentLeftover.Place?
    /// What lies in `held/` afterwards.
    var held: ConsignmentLeftover.Place?
    /// Nobody touches the held bytes, the log and the check tell of them.
    var isLeftAlone = false
    var isPutOnHold = false

    init(_ leftover: ConsignmentLeftover) {
        switch leftover.row {
        case .refused, .routed, .retired: break
        case .received, .accepted, .onHold:
            held = leftover.held ?? leftover.consigned
            isPutOnHold = leftover.row != .onHold && held?.hasFile != true
        case .none:
            let hasHeld = leftover.held?.isEmpty == false
            isLeftAlone = hasHeld && leftover.consigned != nil
            held = isLeftAlone ? leftover.held : nil
            let consigned = hasHeld && !isLeftAlone ? leftover.held : leftover.consigned
            open = consigned?.note == .ours ? consigned : nil
        }
    }
}
