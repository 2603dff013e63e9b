import Foundation
import Glibc

/// The process that meets the faults: an instance at work, and its senders.
enum Player {
    /// Plays a seed to its end, unless a fault ends it.
    static func play(_ seed: Int, _ ground: Ground, _ template: Template) throws {
        var chance = Chance(seed, stream: 1)
        let journal = try Journal(ground.journal)
        let instance = try open(ground, template, patience: 0.3)
        let senders = try Template.senders.map {
            try Sender($0, seed, instance.spool, ground, template, journal)
        }
        let ended = DispatchSemaphore(value: 0)
        for sender in senders {
            nonisolated(unsafe) let sender = sender
            Thread.detachNewThread {
                sender.work()
                ended.signal()
            }
        }
        for _ in senders { ended.wait() }
        // An error must not stop the work either: often the process goes on until nothing is left to do.
        if chance.happens(40) { _ = try instance.settles(within: 1.5) }
        if chance.happens(20) { _exit(0) }
        instance.close()
    }

    /// Starts after a fault, and perhaps meets a second one.
    static func recover(_ ground: Ground, _ template: Template) throws {
        let instance = try open(ground, template, patience: 0.02)
        _ = try instance.settles(within: 1)
        instance.close()
    }

    private static func open(_ ground: Ground, _ template: Template, patience: Double) throws -> Instance {
        let log = try Journal(ground.faults)
        log.note("begun")
        let instance = try Instance(ground, template, patience: patience)
        log.note("opened")
        return instance
    }
}
