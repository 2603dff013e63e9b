import Exchange
import Foundation
import TestServers
import Testing

/// The processes the daemon has files of strangers judged by.
@Suite struct WorkerTests {
    /// The children of a process that are workers.
    private func workers(of daemon: Int32) -> [Int32] {
        names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let rest = stat.range(of: ") ", options: .backwards).map({ stat[$0.upperBound...] })
            else { return false }
            let fields = rest.split(separator: " ")
            return fields[0] != "Z" && fields[1] == "\(daemon)"
        }
    }

    /// Those of them that have a file of a set in hand; only root sees that.
    private func judging(for daemon: Int32) -> [Int32] {
        workers(of: daemon).filter { pid in
            names(in: "/proc/\(pid)/fd").contains {
                let place = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(pid)/fd/\($0)")
                return place?.contains("/spool/held/") ?? false
            }
        }
    }

    private func daemon(of instance: Instance) throws -> Int32 {
        let ready =
            try JSONSerialization.jsonObject(
                with: Data(bytes(of: instance.path("spool/run/ecluse.json")))) as? [String: Any]
        return Int32(try #require(ready?["pid"] as? Int))
    }

    private func areGone(_ pids: [Int32]) -> Bool {
        pids.allSatisfy { pid in
            let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            return stat?.contains(") Z ") ?? true
        }
    }

    @Test func `workers go with a daemon that is killed, and with one that stops`() throws {
        let instance = try Instance([("workers: auto ", "workers: 3 ")])
        for isKilled in [true, false] {
            try instance.start()
            let daemon = try daemon(of: instance)
            #expect(eventually(within: 120) { workers(of: daemon).count == 3 })
            let pids = workers(of: daemon)
            if isKilled { instance.kill() } else { #expect(instance.stop() == 0) }
            #expect(eventually(within: 120) { areGone(pids) })
        }
        #expect(instance.log.contains("workers are confined"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root sees which worker has a file in hand"))
    func `a worker in the middle of a file goes with a daemon that is killed`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let daemon = try daemon(of: instance)
        let set = try client.sender.set([Declaration.dimona + String(repeating: "\n", count: 30_000_000)])
        try client.put(set.files, in: .incoming)
        var busy: [Int32] = []
        #expect(
            eventually(every: 0.001) {
                busy = judging(for: daemon)
                return !busy.isEmpty
            })
        // Its end goes out of sight, so that nothing else ends the work.
        kill(busy[0], SIGSTOP)
        for ticket in names(in: instance.path("spool/held")) {
            for name in names(in: instance.path("spool/held/\(ticket)")) where name.hasPrefix("FI") {
                truncate(instance.path("spool/held/\(ticket)/\(name)"), 1 << 40)
            }
        }
        kill(busy[0], SIGCONT)
        instance.kill()
        #expect(eventually { areGone(busy) })
    }

    @Test func `workers killed at any time cost no set its one receipt`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let daemon = try daemon(of: instance)
        let sets = try (1...6).map { _ in try client.sender.set() }
        for set in sets {
            for pid in workers(of: daemon) { kill(pid, SIGSTOP) }
            try client.put(set.files, in: .incoming)
            for pid in workers(of: daemon) { kill(pid, SIGKILL) }
            #expect(try client.receipt(for: set.trigger.name).isAccepted)
        }
        #expect(try client.answers(in: .outgoing).count == sets.count)
        #expect(instance.log.contains("a worker"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root sees which worker has a file in hand"))
    func `a set that ends two workers running is held with its reason, and judged again when it is released`()
        throws
    {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let daemon = try daemon(of: instance)
        // So large that whoever judges it is met at it.
        let set = try client.sender.set([Declaration.dimona + String(repeating: "\n", count: 20_000_000)])
        try client.put(set.files, in: .incoming)
        #expect(
            eventually {
                for pid in judging(for: daemon) { kill(pid, SIGKILL) }
                return instance.log.contains("put on hold")
            })
        let ticket = try #require(try instance.queue(of: client.sender).first?["ticket"] as? String)
        let shown = try instance.must("queue", "show", ticket).output
        #expect(shown.contains("State      held") && shown.contains("Waits for  worker-failed: "), "\(shown)")
        try instance.must("queue", "release", ticket)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test func `a kernel that takes no filter of system calls is told of, and all else goes on`() throws {
        let instance = try Instance()
        try instance.start(by: [BuiltProgram.path("ConfinementProbe"), "--unfiltered"])
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        #expect(try !workers(of: daemon(of: instance)).isEmpty)
        #expect(instance.log.contains("workers are confined without a filter of system calls"))
    }

    @Test(.enabled(if: WorkerTests.hasNamespaces, "no user namespace can be made here"))
    func `where root is alone, workers stay what the daemon is, and the log says so`() throws {
        let instance = try Instance()
        try instance.start(by: ["unshare", "-r"])
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        #expect(try !workers(of: daemon(of: instance)).isEmpty)
        #expect(instance.log.contains("workers stay the daemon's user"))
    }

    private static let hasNamespaces = (try? Program.run("unshare", ["-r", "true"]))?.status == 0

    @Test func `workers do not hear the signals that a daemon is stopped and reloaded with`() throws {
        let instance = try Instance()
        try instance.start()
        let daemon = try daemon(of: instance)
        let before = workers(of: daemon)
        #expect(!before.isEmpty)
        for pid in before { for signal in [SIGTERM, SIGINT, SIGHUP] { kill(pid, signal) } }
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        #expect(Set(before).isSubset(of: workers(of: daemon)))
    }

    @Test func `the daemon's own process judges only where that is said, and it says so`() throws {
        let instance = try Instance([("workers: auto ", "workers: off ")])
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        #expect(try workers(of: daemon(of: instance)).isEmpty)
        #expect(instance.log.contains("work.workers is off"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func `a user that is not there refuses the start`() throws {
        let instance = try Instance([("workerUser: nobody", "workerUser: nosuchuser")])
        let run = try instance.spawn().finish(within: 120)
        #expect(run.status == 1)
        #expect(run.errors.contains("work.workerUser"), "\(run.errors)")
    }

    @Test func `a worker is not a command for people`() throws {
        let help = try Program.run(Built.ecluse(), ["--help"])
        #expect(!help.output.contains("worker"))
        #expect(try Program.run(Built.ecluse(), ["worker"]).status == 1)
    }
}
