/// One fault that `Tests/Faults/faults.c` lets happen: which call of which class, and what becomes of it.
struct Fault: CustomStringConvertible {
    enum Class: String, CaseIterable {
        case any, write, sync, name, create
    }

    enum Kind: String, CaseIterable {
        case killBefore = "kill-before"
        case killAfter = "kill-after"
        case killTorn = "kill-torn"
        case eio, enospc, eintr, short, lied, delay, full
        case readOnly = "read-only"
    }

    let kind: Kind
    let target: Class
    /// Counted from one.
    let place: Int
    /// Counted calls after which the process is killed besides.
    let killsAfter: Int?

    /// - Parameter reach: how many calls of each class a run makes, about.
    init(_ chance: inout Chance, reach: [Class: Int]) {
        kind = chance.pick([
            (.killBefore, 3), (.killAfter, 3), (.killTorn, 1), (.eio, 4), (.enospc, 2), (.eintr, 1),
            (.short, 1),
            (.lied, 4), (.delay, 1), (.full, 1), (.readOnly, 1),
        ])
        target = chance.pick([(.any, 3), (.write, 1), (.sync, 3), (.name, 3), (.create, 1)])
        place = Int.random(in: 1...max(1, (reach[target] ?? 1) * 2 / 3), using: &chance)
        killsAfter = chance.happens(30) ? Int.random(in: 1...12, using: &chance) : nil
    }

    var description: String { "\(kind.rawValue) at \(target.rawValue) \(place)" }

    /// What the library is told.
    func environment(root: String, log: String, library: String) -> [String: String] {
        var environment = Fault.counting(root: root, log: log, library: library)
        environment["FAULT_AT"] = "\(place)"
        environment["FAULT_CLASS"] = target.rawValue
        environment["FAULT_KIND"] = kind.rawValue
        environment["FAULT_KILL"] = killsAfter.map { "\($0)" }
        return environment
    }

    /// For a run that is only counted.
    static func counting(root: String, log: String, library: String) -> [String: String] {
        ["LD_PRELOAD": library, "FAULT_ROOT": root, "FAULT_LOG": log]
    }
}
