import Exchange

/// One combination of what a crash may leave of a set that came over a home: where each of its files lies, and what
/// the ledger has of it.
struct HomeLeftover: Sendable, CustomStringConvertible {
    /// Where a part lies.
    enum Part: CaseIterable {
        case nowhere, arriving, held
        /// One file under both names: a move without RENAME_NOREPLACE that was cut short.
        case linked
        /// Held, and sent again since.
        case renewed

        var isHeld: Bool { self != .nowhere && self != .arriving }
        var isArriving: Bool { self == .arriving || self == .linked || self == .renewed }
    }

    /// Where the GO lies: in `held/` it is the origin, or beside an empty one.
    enum Trigger: CaseIterable {
        case nowhere, arriving, origin, linked, renewed, beside

        var isHeld: Bool { self != .nowhere && self != .arriving }
        var isOrigin: Bool { self == .origin || self == .linked || self == .renewed }
        var isArriving: Bool { self == .arriving || self == .linked || self == .renewed }
    }

    /// What else lies in the held directory. `nothing` makes none of its own.
    enum Extra: CaseIterable { case nothing, directory, copy, stranger }

    let declaration: Part
    let signature: Part
    let trigger: Trigger
    let hasEmptyOrigin: Bool
    let extra: Extra
    let row: LeftoverRow

    /// Every combination with that row; a directory without anything in it is one of them.
    static func all(with row: LeftoverRow) -> [HomeLeftover] {
        var all: [HomeLeftover] = []
        for declaration in Part.allCases {
            for signature in Part.allCases {
                for trigger in Trigger.allCases {
                    for hasEmptyOrigin in [false, true] {
                        all += Extra.allCases.map {
                            HomeLeftover(
                                declaration: declaration, signature: signature, trigger: trigger,
                                hasEmptyOrigin: hasEmptyOrigin, extra: $0, row: row)
                        }
                    }
                }
            }
        }
        return all.filter { $0.extra != .directory || !$0.hasHeldNames }
    }

    var description: String {
        "FI \(declaration), FS \(signature), GO \(trigger), origin \(hasEmptyOrigin), \(extra), row \(row)"
    }

    private var hasHeldNames: Bool { hasHeldFiles || hasEmptyOrigin }
    var hasHeldFiles: Bool { declaration.isHeld || signature.isHeld || trigger.isHeld }
    var hasHeldDirectory: Bool { hasHeldNames || extra != .nothing }
    var hasOrigin: Bool { hasEmptyOrigin || trigger.isOrigin }
    var isRenewed: Bool { declaration == .renewed || signature == .renewed || trigger == .renewed }
}

/// What the start makes of it: the crash table of docs/INTERNALS.md, "Held".
enum HomeRecovery: Sendable {
    /// Row and bytes stay as they are.
    case stays
    /// On hold: `bytes-changed`.
    case isPutOnHold
    /// The bytes go, the row is that of a retired set, if there is one.
    case isRemoved
    /// The bytes go back to `arriving/`.
    case isPutBack
    /// The bytes become a set under the ticket of their directory.
    case isTakenOver
    /// Nobody touches the bytes, the log and the check tell of them.
    case isLeftAlone

    /// The first line that fits counts.
    static let table: [(fits: @Sendable (HomeLeftover) -> Bool, follows: HomeRecovery)] = [
        ({ [.refused, .routed, .retired].contains($0.row) }, .isRemoved),
        ({ $0.row == .onHold }, .stays),
        ({ $0.row != .none && $0.declaration.isHeld && $0.signature.isHeld }, .stays),
        ({ $0.row != .none }, .isPutOnHold),
        ({ $0.extra == .stranger }, .isLeftAlone),
        ({ !$0.hasHeldFiles }, .isRemoved),
        ({ $0.trigger == .beside && !$0.hasOrigin }, .isLeftAlone),
        // A home puts the origin there first: parts alone are those of a consignment, here of one without note.
        ({ !$0.hasOrigin }, .isRemoved),
        ({ $0.isRenewed }, .isTakenOver),
        ({ _ in true }, .isPutBack),
    ]

    static func of(_ leftover: HomeLeftover) -> HomeRecovery {
        table.first { $0.fits(leftover) }?.follows ?? .stays
    }
}
