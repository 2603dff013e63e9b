import Exchange
import Foundation
import Testing

/// A daemon whose wall clock is set while it runs.
@Suite struct ClockStepTests {
    @Test(.timeLimit(.minutes(5)))
    func `a clock that is set an hour forward and back again stops no channel and loses nothing`() throws {
        let instance = try Instance(Route.changes, penalties: true, polling: OutsideServers())
        let ahead = try instance.scratch.write(Array("0".utf8), to: "ahead")
        try instance.start(by: PreloadLibrary.launcher("clock", for: instance, ["CLOCK_AHEAD": ahead]))
        let open = try Route.allCases.map { try $0.client(instance) }
        let halves = try open.map { try $0.sender.set() }
        var count = 0
        func send() throws {
            // Sessions and uploads that were open before the step, and new ones.
            let fresh = try [Route.sftp, .web].map { try $0.client(instance) }
            let sets = try (open + fresh).map { client in
                let set = try client.sender.set()
                try client.put(set.files, in: .incoming)
                return (client, set)
            }
            for (client, set) in sets {
                #expect(try client.receipt(for: set.trigger.name).isAccepted)
                #expect(try eventually { try instance.deliveries(of: set) == 1 })
            }
            count += sets.count
        }
        try send()
        for (client, set) in zip(open, halves) { try client.put(set.declarations, in: .incoming) }
        for seconds in [3600, 0] {
            try "\(seconds)".write(toFile: ahead, atomically: true, encoding: .utf8)
            let before = try instance.queue().count
            try send()
            #expect(try instance.queue().count == before + 8)
            // Set forward: received in an hour from now, by the clock of this test.
            let late = String((Date() + 1800).ISO8601Format().prefix(19))
            let received = try instance.queue().compactMap { $0["receivedAt"] as? String }
            #expect(received.count { $0.prefix(19) > late } == 8, "\(received)")
        }
        // What was begun before is still the set it was: nothing took it for idle.
        for (client, set) in zip(open, halves) {
            try client.put(set.signatures + [set.trigger], in: .incoming)
            #expect(try client.receipt(for: set.trigger.name).isAccepted)
        }
        #expect(try instance.queue().count == count + halves.count)
        #expect(instance.stop() == 0)
        #expect(try instance.run("spool", "check").status == 0)
    }
}
