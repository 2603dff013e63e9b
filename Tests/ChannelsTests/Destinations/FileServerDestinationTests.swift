import Channels
import Exchange
import Foundation
import TestServers
import Testing

@Suite struct FileServerDestinationTests {
    private func destination(_ server: BackEndServer, keeping: Int = 2) throws -> FileServerDestination {
        FileServerDestination(
            server: server, as: RemoteLogIn(user: "ecluse", proof: .agent),
            path: try #require(RemotePath("drop")),
            keeping: keeping)
    }

    /// The set as it should have appeared, by path.
    private func whole(_ bench: DeliveryBench) -> [String: [UInt8]] {
        var files = ["drop/\(bench.ticket)/manifest.json": DeliveryBench.manifest]
        for (name, content) in bench.contents { files["drop/\(bench.ticket)/\(name)"] = content }
        return files
    }

    @Test func `a set appears whole with its manifest, and the marker stays until the ledger has it`() throws
    {
        let bench = try DeliveryBench()
        let server = BackEndServer()
        let destination = try destination(server)
        try destination.deliver(bench.delivery())
        let marker = "drop/delivering/\(bench.ticket)"
        #expect(server.now.files.filter { $0.key != marker } == whole(bench))
        #expect(server.now.files[marker] != nil)
        #expect(server.now.appeared["drop/\(bench.ticket)"] == [whole(bench)])
        destination.confirm([bench.ticket])
        destination.confirm([bench.ticket])
        #expect(server.now.files == whole(bench))
        #expect(server.now.connections == 1)
    }

    @Test func `what a server that went kept is left, and it is asked once`() throws {
        let benches = try (1...3).map { try DeliveryBench(Int64($0)) }
        let tickets = benches.map(\.ticket)
        let used = BackEndServer()
        for bench in benches { try destination(used).deliver(bench.delivery()) }
        let calls = used.now.calls
        let server = BackEndServer { $0 > calls ? .before : nil }
        for bench in benches { try destination(server).deliver(bench.delivery()) }
        let before = server.now.connections
        try destination(server).confirm(tickets)
        #expect(server.now.connections == before + 1)
        #expect(server.now.files.keys.count { $0.hasPrefix("drop/delivering/") } == 3)
        // One that is gone keeps none of the others.
        used.change { $0.files["drop/delivering/\(tickets[0])"] = nil }
        try destination(used).confirm(tickets)
        #expect(!used.now.files.keys.contains { $0.hasPrefix("drop/delivering/") })
    }

    @Test(arguments: [false, true], [false, true])
    func `a set delivered again appears once`(_ isTaking: Bool, _ tellsSizes: Bool) throws {
        let bench = try DeliveryBench()
        let server = BackEndServer(taking: isTaking, tellingSizes: tellsSizes)
        for _ in 0..<3 { try destination(server).deliver(bench.delivery()) }
        #expect(server.now.appeared["drop/\(bench.ticket)"] == [whole(bench)])
    }

    @Test func `a set that lies there whole is known again without a marker`() throws {
        let bench = try DeliveryBench()
        let server = BackEndServer()
        let destination = try destination(server)
        try destination.deliver(bench.delivery())
        destination.confirm([bench.ticket])
        try destination.deliver(bench.delivery())
        #expect(server.now.appeared["drop/\(bench.ticket)"]?.count == 1)
    }

    struct Circumstances: Sendable, CustomTestStringConvertible {
        let cut: BackEndServer.Cut
        let isTaking: Bool
        let tellsSizes: Bool

        static let all = BackEndServer.Cut.allCases.flatMap { cut in
            [false, true].flatMap { isTaking in
                [false, true].map { Circumstances(cut: cut, isTaking: isTaking, tellsSizes: $0) }
            }
        }

        var testDescription: String { "\(cut), taking \(isTaking), sizes \(tellsSizes)" }
    }

    @Test(arguments: Circumstances.all)
    func `a cut at any one call leaves one whole set in the end`(_ circumstances: Circumstances) throws {
        var call = 0
        var wasCut = true
        while wasCut {
            call += 1
            let place = call
            let bench = try DeliveryBench(Int64(call))
            let server = BackEndServer(
                taking: circumstances.isTaking, tellingSizes: circumstances.tellsSizes
            ) { $0 == place ? circumstances.cut : nil }
            let attempts = deliverUntilTaken(try destination(server), try bench.delivery())
            wasCut = attempts > 1
            #expect(attempts <= 2)
            #expect(server.now.appeared["drop/\(bench.ticket)"] == [whole(bench)], "cut at call \(call)")
            #expect(server.now.open <= 1)
        }
        #expect(call > 10, "every call of a delivery was cut once")
    }

    @Test(arguments: 0..<100)
    func `whatever is cut, each of three sets appears once and whole`(_ seed: Int) throws {
        let server = BackEndServer(taking: seed.isMultiple(of: 2), tellingSizes: !seed.isMultiple(of: 3)) {
            call in
            var generator = SeededGenerator(seed: UInt64(seed) << 32 | UInt64(call))
            guard Int.random(in: 0..<8, using: &generator) == 0 else { return nil }
            return BackEndServer.Cut.allCases.randomElement(using: &generator)
        }
        for counter in 1...3 {
            let bench = try DeliveryBench(Int64(counter))
            // A new destination each time, as after a crash, and once more after the last: the ledger may not have it.
            deliverUntilTaken(try destination(server), try bench.delivery())
            deliverUntilTaken(try destination(server), try bench.delivery())
            #expect(server.now.appeared["drop/\(bench.ticket)"] == [whole(bench)], "seed \(seed)")
        }
    }

    @Test func `a kept connection that died meanwhile costs no attempt`() throws {
        let first = try DeliveryBench(1)
        let second = try DeliveryBench(2)
        let used = BackEndServer()
        try destination(used).deliver(first.delivery())
        let calls = used.now.calls
        let server = BackEndServer { $0 == calls + 1 ? .before : nil }
        let destination = try destination(server)
        try destination.deliver(first.delivery())
        try destination.deliver(second.delivery())
        #expect(server.now.connections == 2)
        #expect(server.now.open == 1)
        #expect(server.now.appeared.count == 2)
    }

    @Test func `no more connections stay open than are kept`() async throws {
        let server = BackEndServer()
        let destination = try destination(server, keeping: 1)
        let benches = try (1...6).map { try DeliveryBench(Int64($0)) }
        let threads = benches.map { bench in
            TestThread { try? destination.deliver(bench.delivery()) }
        }
        for thread in threads { thread.join() }
        #expect(server.now.appeared.count == 6)
        #expect(server.now.open == 1)
    }

    @Test func `a held file that cannot be read is ours, and leaves no set`() throws {
        let bench = try DeliveryBench()
        let server = BackEndServer()
        let destination = try destination(server)
        let delivery = try bench.delivery()
        let held = try #require(delivery.files.last).path
        try FileManager.default.moveItem(atPath: held, toPath: held + "-away")
        let deferral = #expect(throws: Deferral.self) { try destination.deliver(delivery) }
        #expect(deferral?.reason == .diskFault)
        #expect(deferral?.sentence.contains(held) == true)
        #expect(server.now.appeared.isEmpty)
        try FileManager.default.moveItem(atPath: held + "-away", toPath: held)
        try destination.deliver(delivery)
        #expect(server.now.appeared["drop/\(bench.ticket)"] == [whole(bench)])
    }

    @Test func `a server that cannot be used is a deferral with its name and its words`() throws {
        let bench = try DeliveryBench()
        let server = BackEndServer { _ in .before }
        let deferral = #expect(throws: Deferral.self) { try destination(server).deliver(bench.delivery()) }
        #expect(deferral?.reason == .destinationUnavailable)
        #expect(deferral?.sentence.contains("files.example:22") == true)
        #expect(deferral?.sentence.contains("The cable is cut.") == true)
        #expect(server.now.open == 0)
    }

    @Test(.timeLimit(.minutes(5))) func `a delivery is broken off when nobody may wait for it any more`()
        throws
    {
        let bench = try DeliveryBench()
        var script = ScriptedFTPScript()
        script.silence = ["STOR"]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        var settings = FTPFileServer.Settings(host: "127.0.0.1", port: server.port, security: .plaintext)
        // Nothing else ends it.
        settings.stallTimeout = .seconds(86_400)
        let destination = FileServerDestination(
            server: FTPFileServer(settings),
            as: RemoteLogIn(user: "ecluse", proof: .password(Secret("x"))),
            path: try #require(RemotePath("drop")),
            until: { server.commands.contains { $0.hasPrefix("STOR") } })
        let deferral = #expect(throws: Deferral.self) { try destination.deliver(bench.delivery()) }
        #expect(deferral?.reason == .destinationUnavailable)
    }
}
