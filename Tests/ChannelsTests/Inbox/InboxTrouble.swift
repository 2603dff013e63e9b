import Exchange
import Synchronization
import TestServers

@testable import Channels

/// What goes wrong in a campaign, at every call to the server and the spool, by a seed.
final class InboxTrouble: Sendable {
    private struct Dice: Sendable {
        var generator: SeededGenerator
        var isTroubled = true
        /// The process has ended: nothing has an effect any more.
        var isDead = false
        var deaths = 0
        var wrongRemovals: [String] = []

        mutating func happens(_ chance: Double) -> Bool {
            Double.random(in: 0..<1, using: &generator) < chance
        }
    }

    private let dice: Mutex<Dice>
    private let dies: Bool
    /// Unowned: it has this judge its calls.
    private unowned let server: FakeFileServer

    /// - Parameter dies: whether the process ends now and then, before or after a call has its effect.
    init(seed: UInt64, dies: Bool, _ rig: InboxRig) {
        self.dies = dies
        server = rig.server
        dice = Mutex(Dice(generator: SeededGenerator(seed: seed)))
        rig.server.fail { [self] in judge($0) }
        rig.intake.fail { [self] in judge(spool: $0) }
        rig.outbox.fail { [self] in judge(spool: $0) }
    }

    var deaths: Int { dice.withLock { $0.deaths } }
    /// Files removed while the GO of their set lay there.
    var wrongRemovals: [String] { dice.withLock { $0.wrongRemovals } }

    func end() {
        dice.withLock { $0.isTroubled = false }
    }

    /// True when the process has ended; it lives again then.
    func takeDeath() -> Bool {
        dice.withLock { dice in
            defer { dice.isDead = false }
            return dice.isDead
        }
    }

    private func judge(_ call: FakeFileServer.Call) -> FakeFileServer.Fate {
        let names = call.kind == "remove" ? server.names("006400/IN") : []
        return dice.withLock { dice in
            if dice.isDead { return .fails(.brokenOff) }
            if let name = call.target.split(separator: "/").last, name.hasPrefix("F"),
                names.contains("GO." + name.split(separator: ".")[1...5].joined(separator: ".") + ".1")
            {
                dice.wrongRemovals.append(call.target)
            }
            guard dice.isTroubled else { return .fine }
            if dies, dice.happens(0.01) {
                dice.isDead = true
                dice.deaths += 1
                return dice.happens(0.5) ? .breaksAfterwards : .fails(.brokenOff)
            }
            guard dice.happens(0.12) else { return .fine }
            if call.kind == "connect" { return .fails(dice.happens(0.5) ? .unreachable : .notAdmitted) }
            let kinds: [RemoteFault.Kind] = [.brokenOff, .timedOut, .garbled, .notAllowed, .tooMuch]
            if dice.happens(0.4) { return .breaksAfterwards }
            return .fails(kinds.randomElement(using: &dice.generator) ?? .brokenOff)
        }
    }

    private func judge(spool call: String) -> FakeSetIntake.Fate {
        dice.withLock { dice in
            if dice.isDead { return .fails(.failed("dead")) }
            guard dice.isTroubled else { return .fine }
            if dies, dice.happens(0.01) {
                dice.isDead = true
                dice.deaths += 1
                return dice.happens(0.5) ? .isCutOff : .fails(.failed("dies"))
            }
            guard dice.happens(0.05) else { return .fine }
            // A seal that succeeded is never told to have failed.
            if call != "seal", dice.happens(0.3) { return .isCutOff }
            return .fails(dice.happens(0.5) ? .outOfSpace : .failed("disk"))
        }
    }
}
