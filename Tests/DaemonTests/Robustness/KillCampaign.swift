import Exchange
import Foundation
import Synchronization
import TestServers

/// Senders that upload sets with `sftp` batches for as long as the campaign lasts, and note which of them were
/// acknowledged. What was not is sent again, or given up: both must be harmless.
final class KillCampaign: Sendable {
    struct State {
        var isOver = false
        /// Stems of which the upload of the GO was answered with success.
        var acknowledged: Set<String> = []
        /// Stems of which a GO may have reached the server.
        var attempted: Set<String> = []
        /// How many batches broke off in the middle.
        var cuts = 0
    }

    let instance: Instance
    let senders: [Sender]
    private let seed: UInt64
    private let state = Mutex(State())
    private let place: Scratch

    init(_ instance: Instance, senders count: Int, seed: UInt64) throws {
        self.instance = instance
        self.seed = seed
        place = try Scratch()
        senders = try (0..<count).map { _ in try instance.enrol() }
    }

    var outcome: State { state.withLock { $0 } }

    func end() { state.withLock { $0.isOver = true } }

    /// One loop for each sender; each ends after `end`.
    var loops: [@Sendable () throws -> Void] {
        senders.enumerated().map { index, sender in
            { try self.upload(as: sender, SeededGenerator(seed: self.seed &+ UInt64(index) &* 7919)) }
        }
    }

    private func upload(as sender: Sender, _ generator: SeededGenerator) throws {
        var random = generator
        var pending: [FileSet] = []
        while !outcome.isOver {
            while pending.count < Int.random(in: 1...4, using: &random) { pending.append(try sender.set()) }
            let done = try put(pending, as: sender, &random)
            pending.removeAll { done.contains($0.stem) || Int.random(in: 0..<4, using: &random) == 0 }
            if done.isEmpty { Thread.sleep(forTimeInterval: 0.02) }
        }
    }

    /// Uploads sets in one session; returns the stems of those that were acknowledged. A batch ends with the first
    /// command that fails, so that a command is known to have succeeded when the next one is echoed.
    private func put(_ sets: [FileSet], as sender: Sender, _ random: inout SeededGenerator) throws -> Set<
        String
    > {
        var commands: [String] = []
        for set in sets {
            let parts = set.declarations + set.signatures
            for file in parts.shuffled(using: &random) + [set.trigger] {
                let local = try place.write(file.bytes, to: file.name)
                commands.append("put \(local) /IN/\(file.name)")
            }
            commands.append("lpwd")
        }
        state.withLock { $0.attempted.formUnion(sets.map(\.stem)) }
        let run = try OpenSSH.sftp(commands, instance, sender)
        let succeeded = run.output.components(separatedBy: "\nLocal working directory:").count - 1
        let done = Set(sets.prefix(succeeded).map(\.stem))
        state.withLock { state in
            state.acknowledged.formUnion(done)
            if run.status != 0, run.output.contains("sftp> put") { state.cuts += 1 }
        }
        return done
    }

    /// Kills and restarts the daemon while the senders upload: at a random moment of its work, and every third time
    /// while it is still starting.
    /// - Parameter isEnough: what must have happened too; a slow machine needs more rounds for it, five times as many
    ///   at most.
    func kill(rounds: Int, until isEnough: (State) -> Bool) throws {
        var random = SeededGenerator(seed: seed)
        for round in 1...5 * rounds where round <= rounds || !isEnough(outcome) {
            let wanted = outcome.acknowledged.count + Int.random(in: 0...5, using: &random)
            _ = eventually(within: 4, every: 0.002) { outcome.acknowledged.count >= wanted }
            Thread.sleep(forTimeInterval: Double.random(in: 0...0.15, using: &random))
            instance.kill()
            if round.isMultiple(of: 3) {
                let early = try instance.spawn()
                Thread.sleep(forTimeInterval: Double.random(in: 0...0.25, using: &random))
                early.kill()
            }
            try instance.start()
        }
    }
}
