internal import Exchange

/// Files of a directory that are taken, or removed, together.
struct InboxGroup {
    enum Kind {
        /// By a GO.
        case triggered
        /// By nothing: no GO is there.
        case untriggered
        /// A file that is a set of its own and has no GO.
        case alone
        /// By a TD.
        case cancelled
    }

    let kind: Kind
    /// The GO, the TD, or the name that stands for a set without GO, which need not be there.
    let name: FileName
    /// What is fetched: FI, FS and what cannot be told from them, in order. For a TD its GOs too, and nothing is fetched.
    var parts: [FileName]
    /// False when the GO came before files its name promises.
    var isComplete = true
    /// Shared by all files that may belong together; nil for what is on its own.
    let stem: ArrivalName.Stem?

    /// All that lies there, in the order it is removed: GO first, so that what is left is never a set again, and a TD
    /// last, so that what is left is still cancelled.
    var files: [FileName] {
        let rest = parts.reversed()
        return switch kind {
        case .triggered: [name] + rest
        case .untriggered, .alone: Array(rest)
        case .cancelled: rest + [name]
        }
    }
}
