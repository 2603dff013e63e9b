import Exchange
import TestServers

/// What a sender does in one go: what clients do, each with a new connection, whose first handle is 1; or one thing
/// without sense.
enum HostileCourse {
    typealias Step = (kind: HostileStep.Kind, names: HostileNames)

    static func any(_ names: HostileNames, _ chance: inout SeededGenerator) -> [Step] {
        switch Int.random(in: 0..<12, using: &chance) {
        case 0: return names.set(&chance).flatMap { upload(names.aiming(at: $0)) }
        case 1: return upload(names.aiming(at: names.set(&chance)[2]))
        case 2: return upload(names.aiming(at: names.known(&chance)))
        case 3: return names.aiming(at: names.known(&chance)).doing([.hangUp, .openToRead, .read, .close])
        case 4:
            return names.aiming(at: Array(HostileNames.pick(Mailbox.allCases, &chance).rawValue.utf8)).doing([
                .hangUp, .openDirectory, .readDirectory, .readDirectory,
            ])
        case 5, 6:
            let kinds: [HostileStep.Kind] = [.status, .linkStatus, .setStatus, .remove, .rename]
            let kind = HostileNames.pick(kinds, &chance)
            return names.aiming(at: names.known(&chance)).doing([kind])
        default: return names.doing([HostileNames.pick(HostileStep.Kind.weighted, &chance)])
        }
    }

    private static func upload(_ names: HostileNames) -> [Step] {
        names.doing([.hangUp, .openToWrite, .write, .close])
    }
}

extension HostileNames {
    fileprivate func doing(_ kinds: [HostileStep.Kind]) -> [HostileCourse.Step] { kinds.map { ($0, self) } }
}
