import Exchange
import TestServers

/// Paths as a sender says them who looks for a way to another's files: its own, those of the other, and what ever led
/// out of a home somewhere.
struct HostileNames {
    /// The stems of the sets that lie in a home, and the directory of each.
    static let sets = [
        ("00001", Mailbox.incoming), ("00002", .incomingTest), ("00003", .incoming), ("00004", .incoming),
        ("00005", .incoming), ("00006", .incomingSimulation),
    ]

    let own: SenderNumber
    let other: SenderNumber
    /// Stems of answers in the one home or the other.
    let answers: [String]
    /// Where most paths lead; nil for anywhere.
    var aim: [UInt8]?

    static func stem(_ sequence: String, of sender: SenderNumber, _ mailbox: Mailbox) -> String {
        "DMFA.\(sender).20260101.\(sequence).\(mailbox.environment.rawValue).1"
    }

    func path(_ chance: inout SeededGenerator) -> [UInt8] {
        if let aim, Int.random(in: 0..<10, using: &chance) > 0 { return aim }
        switch Int.random(in: 0..<20, using: &chance) {
        case 0: return trick(&chance)
        case 1: return way(&chance) + Array(way(&chance)) + [0x2F] + file(of: other, &chance).name
        case 2, 3: return way(&chance) + [0x2F] + file(of: other, &chance).name
        case 4: return Array(Self.pick(Self.directories, &chance).utf8)
        case 5: return Array(Self.pick(Self.directories, &chance).utf8) + [0x2F] + trick(&chance)
        default:
            let sender = Int.random(in: 0..<4, using: &chance) == 0 ? other : own
            let file = file(of: sender, &chance)
            return Array("/\(file.mailbox.rawValue)/".utf8) + file.name
        }
    }

    func directory(_ chance: inout SeededGenerator) -> [UInt8] {
        if let aim { return aim }
        switch Int.random(in: 0..<4, using: &chance) {
        case 0: return path(&chance)
        case 1: return way(&chance)
        default: return Array(Self.pick(Self.directories, &chance).utf8)
        }
    }

    func aiming(at path: [UInt8]?) -> HostileNames {
        var names = self
        names.aim = path
        return names
    }

    /// A file that lies in a home from the beginning, mostly in the sender's own.
    func known(_ chance: inout SeededGenerator) -> [UInt8] {
        let sender = Int.random(in: 0..<4, using: &chance) == 0 ? other : own
        let first = Self.stem("00001", of: sender, .incoming)
        let files = [
            "IN/FI.\(first).1", "IN/FS.\(first).1",
            "INTEST/GO.\(Self.stem("00002", of: sender, .incomingTest))",
            "IN/FI.\(Self.stem("00003", of: sender, .incoming)).1", "IN/\(SharedSpool.canary(of: own))",
        ]
        let stem = Self.pick(answers, &chance)
        let kind = Self.pick(["FO", "FS", "GO"], &chance)
        return Array("/\(Self.pick(files + ["OUT/\(kind).\(stem)"], &chance))".utf8)
    }

    /// The files of a set of which some lie in a home, or none, with its GO or its TD last.
    func set(_ chance: inout SeededGenerator) -> [[UInt8]] {
        let sender = Int.random(in: 0..<4, using: &chance) == 0 ? other : own
        let (sequence, mailbox) = Self.pick(Self.sets, &chance)
        let stem = Self.stem(sequence, of: sender, mailbox)
        let last = Int.random(in: 0..<4, using: &chance) == 0 ? "TD" : "GO"
        return ["FI.\(stem).1", "FS.\(stem).1", "\(last).\(stem)"].map {
            Array("/\(mailbox.rawValue)/\($0)".utf8)
        }
    }

    /// A file that lies in the home of `sender`, or would go with one that does; sometimes in another directory.
    private func file(
        of sender: SenderNumber, _ chance: inout SeededGenerator
    ) -> (mailbox: Mailbox, name: [UInt8]) {
        let isElsewhere = Int.random(in: 0..<6, using: &chance) == 0
        let elsewhere = Self.pick(Mailbox.allCases, &chance)
        if Int.random(in: 0..<5, using: &chance) == 0 {
            let name = "\(Self.pick(["FO", "FS", "GO"], &chance)).\(Self.pick(answers, &chance))"
            return (isElsewhere ? elsewhere : .outgoing, Array(name.utf8))
        }
        let (sequence, mailbox) = Self.pick(Self.sets, &chance)
        let stem = Self.stem(sequence, of: sender, mailbox)
        let prefix = Self.pick(["FI", "FI", "FS", "GO", "GO", "TD", ".FI", "ZZ"], &chance)
        let name = ["GO", "TD"].contains(prefix) ? "\(prefix).\(stem)" : "\(prefix).\(stem).1"
        return (isElsewhere ? elsewhere : mailbox, Array(name.utf8))
    }

    /// Up, or beside, to where the other's files lie.
    private func way(_ chance: inout SeededGenerator) -> [UInt8] {
        let box = Self.pick(Mailbox.allCases, &chance).rawValue
        let aim = Self.pick(Mailbox.allCases, &chance).rawValue
        return Array(
            Self.pick(
                [
                    "/IN/../../\(other)/\(aim)", "\(box)/../../\(other)/\(aim)", "../\(other)/\(aim)",
                    "/../\(other)/\(aim)", "/\(other)/\(aim)", "../../arriving/\(other)/\(aim)",
                    "\(box)/../../../arriving/\(other)/\(aim)", "../../../outbox/\(other)/\(aim)",
                    "\(box)/../../../outbox/\(other)/\(aim)", "../../held/T", "//\(box)//./../\(aim)/",
                    "\(box)/..%2F..%2F\(other)%2F\(aim)", "\(box)\\..\\..\\\(other)\\\(aim)",
                    "\(box)/.../\(other)/\(aim)", "/proc/self/cwd/\(other)/\(aim)", "~\(other)/\(aim)",
                ], &chance
            ).utf8)
    }

    private func trick(_ chance: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<6, using: &chance) {
        case 0:
            let length = Self.pick([0, 1, 79, 80, 81, 255, 256, 4097], &chance)
            return [UInt8](repeating: 0x41, count: length)
        case 1:
            return (0..<Int.random(in: 1...12, using: &chance)).map { _ in
                UInt8.random(in: 0...255, using: &chance)
            }
        case 2: return Array(Self.pick(Self.tricks, &chance).utf8)
        case 3: return Array("~folder.FI.\(Self.stem("00001", of: other, .incoming)).1".utf8)
        case 4: return Array("GO.\(Self.stem("00001", of: other, .incoming))\u{0}\(own)".utf8)
        default: return Array("~origin.\(other).sftp.IN.GO.\(Self.stem("00001", of: other, .incoming))".utf8)
        }
    }

    private static let directories =
        Mailbox.allCases.map(\.rawValue) + [
            "/", "", ".", "..", "/IN/", "IN/..", "/arriving", "/outbox", "in",
        ]

    private static let tricks = [
        "*", "\u{1B}[2J", "\r\n", "%2E%2E", "..", "...", "~", "~.note", "~.copy", "é", "e\u{301}",
        "\u{202E}OG",
        "IN\u{0}", "a/b/c/d", String(repeating: "../", count: 400), String(repeating: "IN/", count: 400),
        "-rf", " ",
        "ledger.sqlite", "run/ecluse.json", "/etc/passwd",
    ]

    static func pick<Value>(_ values: [Value], _ chance: inout SeededGenerator) -> Value {
        values[Int.random(in: values.indices, using: &chance)]
    }
}
