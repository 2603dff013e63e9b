import Exchange
import Foundation
import Testing

/// How the daemon begins and ends.
@Suite struct StopTests {
    @Test func `a second daemon on the same spool is refused, and the first one works on`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let second = try instance.spawn().finish(within: 120)
        #expect(second.status == 1)
        #expect(second.errors.contains(instance.path("spool")), "\(second.errors)")
        #expect(second.errors.contains("another") || second.errors.contains("in use"), "\(second.errors)")
        #expect(try client.send(client.sender.set()).isAccepted)
    }

    @Test func `ready says where it listens and goes when it stops`() throws {
        let instance = try Instance()
        try instance.start()
        let ready =
            try JSONSerialization.jsonObject(
                with: Data(bytes(of: instance.path("spool/run/ecluse.json")))) as? [String: Any]
        #expect(ready?["sftp"] as? String == "127.0.0.1:\(instance.port)")
        #expect(instance.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: instance.path("spool/run/ecluse.json")))
    }

    @Test(arguments: [1, 2, 3])
    func `a daemon told to stop finishes what it has in hand and loses nothing`(round: Int) throws {
        let instance = try Instance()
        try instance.start()
        let sender = try instance.enrol()
        let client = try SFTPClient(instance, sender)
        let sets = try (1...8).map { _ in try sender.set() }
        for set in sets { try client.put(set.files, in: .incoming) }
        #expect(instance.stop() == 0)
        #expect(client.ends(within: 120))
        try instance.start()
        let after = try SFTPClient(instance, sender)
        for set in sets { #expect(try after.receipt(for: set.trigger.name).isAccepted) }
        for set in sets { #expect(try eventually { try instance.deliveries(of: set) == 1 }) }
        #expect(try after.answers(in: .outgoing).count == sets.count)
        #expect(instance.stop() == 0)
    }

    @Test func `a daemon whose ledger takes nothing stops all the same, and what waited is there afterwards`()
        throws
    {
        let instance = try Instance(Route.changes)
        let isFull = instance.scratch.file("is-full")
        try instance.start(
            by: PreloadLibrary.faults(
                for: instance, in: "spool", log: "/dev/null",
                ["KIND": "full", "WHILE": isFull, "NAMED": "ledger.sqlite"]))
        let client = try Route.folder.client(instance)
        #expect(try client.send(client.sender.set()).isAccepted)
        // All of that set is noted then: the next to be written is what waits for its commit.
        Thread.sleep(forTimeInterval: 2)
        try Data().write(to: URL(fileURLWithPath: isFull))
        let set = try client.sender.set()
        try client.put(set.files, in: .incoming)
        #expect(eventually { instance.log.contains("the ledger failed and is closed for writing") })
        instance.signal(SIGTERM)
        #expect(eventually(within: 45) { !instance.isRunning }, "\(instance.log)")
        unlink(isFull)
        try instance.start()
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
        #expect(try eventually { try instance.deliveries(of: set) == 1 })
        #expect(try instance.queue().count == 2)
    }

    @Test func `an idle session does not keep a daemon from stopping`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        _ = try client.list(.incoming)
        #expect(instance.stop() == 0)
        #expect(client.ends(within: 120))
    }

    @Test func `a partial upload is there after a restart and can be resumed`() throws {
        let instance = try Instance()
        try instance.start()
        let sender = try instance.enrol()
        let set = try sender.set()
        try Python.putHalf(of: set.declarations[0], in: .incoming, as: sender, at: instance)
        instance.kill()
        try instance.start()
        let place = try Scratch()
        let local = try place.write(set.declarations[0].bytes, to: set.declarations[0].name)
        let resumed = try OpenSSH.sftp(["cd IN", "reput \(local)"], instance, sender)
        #expect(resumed.status == 0, "\(resumed.errors)")
        let client = try SFTPClient(instance, sender)
        try client.put(set.signatures + [set.trigger], in: .incoming)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }
}
