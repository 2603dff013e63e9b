import Foundation
import Synchronization

/// Runs seeds, two or more at a time, and adds up what came of them.
final class Campaign: Sendable {
    struct Sum: Sendable {
        var seeds = 0
        var sets = 0
        var acknowledged = 0
        var kills = 0
        var unmet = 0
        var faults: [String: Int] = [:]
        var failed: [Int] = []
        var reach: [Fault.Class: Int] = [:]
    }

    private let template: Template
    private let base: String
    private let library: String
    private let sum = Mutex(Sum())
    private let next: Mutex<Int>
    private let last: Int
    /// When no more seeds are begun.
    private let end: Date

    init(_ seeds: ClosedRange<Int>, _ template: Template, base: String, library: String, seconds: Double) {
        self.template = template
        self.base = base
        self.library = library
        next = Mutex(seeds.lowerBound)
        last = seeds.upperBound
        end = Date() + seconds
    }

    func run(jobs: Int) throws -> Sum {
        try measure()
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<jobs {
            Thread.detachNewThread { [self] in
                while let seed = take() { play(seed) }
                ended.signal()
            }
        }
        for _ in 0..<jobs { ended.wait() }
        return sum.withLock { $0 }
    }

    private func take() -> Int? {
        if Date() > end { return nil }
        return next.withLock { next in
            guard next <= last else { return nil }
            next += 1
            return next - 1
        }
    }

    /// How many calls of each class a run makes, so that a seed can choose one of them.
    private func measure() throws {
        for seed in 1...4 {
            let ground = Ground(path: "\(base)/measure-\(seed)")
            try ground.prepare(from: template, isNew: false)
            defer { ground.remove() }
            _ = try Child.run(
                ["play", "\(seed)", ground.path, template.path],
                Fault.counting(root: ground.faulty, log: ground.faults, library: library))
            for line in Journal.lines(ground.faults) where line[0] == "counted" {
                guard let target = Fault.Class(rawValue: line[1]), let number = Int(line[2]) else { continue }
                sum.withLock { $0.reach[target] = max($0.reach[target] ?? 0, number) }
            }
        }
        let reach = sum.withLock { $0.reach }
        guard reach[.any, default: 0] > 0 else {
            throw CampaignFault("the library counts nothing: \(library)")
        }
    }

    private func play(_ seed: Int) {
        let ground = Ground(path: "\(base)/seed-\(seed)")
        var chance = Chance(seed, stream: 2)
        var violations: [String] = []
        var ends: [Child.End] = []
        var sets = 0
        ground.remove()
        do {
            try ground.prepare(from: template, isNew: chance.happens(10))
            let reach = sum.withLock { $0.reach }
            let fault = Fault(&chance, reach: reach)
            let first = fault.environment(root: ground.faulty, log: ground.faults, library: library)
            ends.append(try Child.run(["play", "\(seed)", ground.path, template.path], first))
            if chance.happens(35) {
                let early = reach.mapValues { max(1, $0 / 8) }
                let second = Fault(&chance, reach: early)
                    .environment(root: ground.faulty, log: ground.faults, library: library)
                ends.append(try Child.run(["recover", "\(seed)", ground.path, template.path], second))
            }
            var aftermath = Aftermath(ground, template)
            aftermath.examine()
            sets = aftermath.sets
            violations += aftermath.violations
        } catch {
            violations.append("\(error)")
        }
        for case .killed(let signal) in ends where signal != SIGKILL {
            violations.append("ended by signal \(signal)")
        }
        let log = Journal.lines(ground.faults)
        violations += resyncs(log)
        note(seed, sets, ends, log, Journal.lines(ground.journal), violations)
        if violations.isEmpty { ground.remove() }
    }

    /// Files synced a second time after a failed sync without having been written to.
    ///
    /// SQLite copies its log once more when a spool that could not be opened closes it; nothing was told by then.
    private func resyncs(_ log: [[String]]) -> [String] {
        var isOpen = false
        var found: [String] = []
        for line in log {
            switch line[0] {
            case "begun": isOpen = false
            case "opened": isOpen = true
            case "resync" where isOpen || line[1] != "spool/ledger.sqlite-wal":
                found.append("synced again as if nothing had happened: \(line[1])")
            default: break
            }
        }
        return found
    }

    private func note(
        _ seed: Int, _ sets: Int, _ ends: [Child.End], _ log: [[String]], _ journal: [[String]],
        _ violations: [String]
    ) {
        let fired = log.filter { $0[0] == "fired" }
        sum.withLock { sum in
            sum.seeds += 1
            sum.sets += sets
            sum.acknowledged += journal.filter { $0[0] == "ok" }.count
            sum.kills += ends.filter { $0 == .killed(SIGKILL) }.count
            if fired.isEmpty { sum.unmet += 1 }
            for line in fired { sum.faults["\(line[2]) \(line[1])", default: 0] += 1 }
            if !violations.isEmpty { sum.failed.append(seed) }
        }
        guard !violations.isEmpty else { return }
        let lines = fired.map { $0.joined(separator: " ") } + violations
        say(
            (["seed \(seed) failed; its directory is \(base)/seed-\(seed)"] + lines).joined(
                separator: "\n    "))
    }
}
