import Exchange
import Foundation
import Testing

/// What waits, waits visibly, and is never turned into a refusal or an acceptance by waiting.
@Suite struct WaitingTests {
    /// A test that is slow to mend a cause must not wait long for the next attempt.
    private static let tryingSoon = ("longestPause: 5 min", "longestPause: 1 s")

    @Test
    func `a set whose destination takes nothing is deferred, shows in the queue, and is delivered later`()
        throws
    {
        let instance = try Instance([WaitingTests.tryingSoon])
        // A file where the destination's folder should be: nobody can write there, whoever runs the test.
        let folder = instance.path("destinations")
        try Data().write(to: URL(fileURLWithPath: folder))
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set()
        let receipt = try client.send(set)
        #expect(receipt.isAccepted)
        try #require(
            try eventually {
                try instance.must("queue", "show", receipt.ticket, "--json").object()["deferral"] != nil
            })
        let entry = try instance.must("queue", "show", receipt.ticket, "--json").object()
        #expect((entry["deferral"] as? [String: Any])?["reason"] as? String == "destination-unavailable")
        #expect(entry["state"] as? String == "accepted")
        #expect(entry["dueAt"] as? String != nil)
        #expect(try instance.must("queue", "list").output.contains("destination-unavailable"))
        #expect(try instance.must("queue", "list").errors.contains("1 received: 1 waiting"))
        try FileManager.default.removeItem(atPath: folder)
        #expect(try eventually { try instance.deliveries(of: set) == 1 })
        #expect(
            try eventually { try instance.must("queue", "list").errors.contains("1 received: 0 waiting") })
        #expect(try client.answers(in: .outgoing).count == 1)
    }

    @Test func `a silent revocation source defers the decision until a list is there`() throws {
        let instance = try Instance([WaitingTests.tryingSoon])
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let until = Date() + 2
        func load(_ number: Int, until: Date) throws {
            let list = try instance.authority.list(revoking: [], number: number, until: until)
            try instance.must("trust", "crl", instance.scratch.write(list, to: "\(number).pem"))
        }
        try load(1, until: until)
        while Date() < until + 1 { Thread.sleep(forTimeInterval: 0.05) }
        let set = try client.sender.set()
        try client.put(set.files, in: .incoming)
        var ticket = ""
        let isDeferred = try eventually {
            guard let row = try instance.queue().first, let deferral = row["deferral"] as? [String: Any]
            else { return false }
            ticket = row["ticket"] as? String ?? ""
            return deferral["reason"] as? String == "revocation-unknown"
        }
        #expect(isDeferred)
        for command in [["explain", ticket], ["receipt", "show", ticket]] {
            let run = try Program.run(Built.ecluse(), command + ["--config", instance.configuration])
            #expect(run.status == 75, "\(run.errors)")
        }
        #expect(try client.list(.outgoing).isEmpty)
        try load(2, until: Date() + 3600)
        #expect(try client.receipt(for: set.trigger.name).isAccepted)
    }

    @Test func `files without their GO are answered with 130 after the delay`() throws {
        // Long enough for a whole set to come, on a machine that does much besides.
        let instance = try Instance([
            ("incompleteDelay: 24 h", "incompleteDelay: 8 s"),
            ("sweepInterval: 1 min", "sweepInterval: 100 ms"),
        ])
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        let set = try client.sender.set()
        try client.put(set.declarations + set.signatures, in: .incoming)
        let receipt = try client.receipt(for: set.trigger.name)
        #expect(receipt.codes == ["ACRF-130"])
        #expect(try client.list(.incoming).isEmpty)
        #expect(try instance.queue().count == 1)
        try client.put(set.files, in: .incoming)
        #expect(try client.receipt(for: set.trigger.name, besides: ["GO.\(receipt.stem)"]).isAccepted)
    }

    @Test func `a stray file is answered under its own name after the delay`() throws {
        let instance = try Instance([
            ("incompleteDelay: 24 h", "incompleteDelay: 500 ms"),
            ("sweepInterval: 1 min", "sweepInterval: 100 ms"),
        ])
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        for (name, code) in [("notes.txt", "ACRF-129"), ("FI.DIMN.1", "ACRF-131"), ("FS.DIMN", "ACRF-132")] {
            try client.put([File(name: name, bytes: [1])], in: .incoming)
            #expect(try client.receipt(for: name).codes == [code])
        }
    }
}
