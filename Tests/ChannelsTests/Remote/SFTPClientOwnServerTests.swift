import Exchange
import Foundation
import TestServers
import Testing

@testable import Channels

/// Our client at our own server.
@Suite struct SFTPClientOwnServerTests {
    private static func connect(_ bench: SFTPBench) throws -> SFTPFiles {
        let pin = try OpenSSHServer.fingerprint(of: bench.file("host_ed25519.pub"))
        var settings = SFTPFileServer.Settings(host: "127.0.0.1", hostKeys: .fingerprints([pin]))
        settings.port = bench.port
        settings.connectTimeout = .seconds(120)
        settings.stallTimeout = .seconds(120)
        let logIn = RemoteLogIn(
            user: SFTPBench.user, proof: .keyFile(path: bench.file("user"), passphrase: nil))
        return try #require(try SFTPFileServer(settings).connect(as: logIn) as? SFTPFiles)
    }

    @Test(arguments: [nil, 0.01])
    func `sets are sealed by their last files`(delay: TimeInterval?) throws {
        var options = FakeHome.Options()
        options.delay = delay
        let bench = try SFTPBench(home: options)
        let sets = try (100..<160).map { set in
            [
                RemoteUpload(try path("IN/FI.\(set)"), bytes: pattern(50_000, seed: UInt64(set))),
                RemoteUpload(try path("IN/FS.\(set)"), bytes: [1]),
                RemoteUpload(try path("IN/GO.\(set)"), bytes: []),
            ]
        }
        var done = 0
        try Self.connect(bench).writeAll(sets) { place, refusal in
            #expect(refusal == nil)
            let set = place + 100
            #expect(
                isTrue(
                    bench.home.sealedBytes("FI.\(set)", in: .incoming) == pattern(50_000, seed: UInt64(set))))
            #expect(bench.home.sealedBytes("GO.\(set)", in: .incoming) == [])
            done += 1
        }
        #expect(done == 60)
        #expect(bench.home.syncs == 180)
    }

    @Test func `answers are listed, fetched and removed`() throws {
        let bench = try SFTPBench()
        let bytes = pattern(700_000)
        bench.home.put(bytes, "FO.1", in: .outgoing)
        let files = try Self.connect(bench)
        let listed = try files.list(path("OUT"))
        #expect(listed.map { String(decoding: $0.name, as: UTF8.self) } == ["FO.1"])
        #expect(listed[0].kind == .file)
        #expect(listed[0].size == 700_000)
        #expect(try isTrue(files.readAll(path("/OUT/FO.1")) == bytes))
        try files.remove(path("OUT/FO.1"))
        #expect(try files.list(path("OUT")).isEmpty)
        #expect(try files.list(path("/")).count == 6)
        #expect(try files.list(path("/")).allSatisfy { $0.kind == .directory })
    }

    @Test func `an upload goes on where it ended`() throws {
        let bench = try SFTPBench()
        let files = try Self.connect(bench)
        let bytes = pattern(300_000)
        try files.write(path("IN/x"), Array(bytes.prefix(100_001)))
        #expect(try files.size(of: path("IN/x")) == 100_001)
        try files.write(path("IN/x"), Array(bytes.dropFirst(100_001)), from: 100_001)
        #expect(isTrue(bench.home.bytes("x", in: .incoming) == bytes))
    }

    @Test func `refusals say why`() throws {
        var options = FakeHome.Options()
        options.largest = 100
        let bench = try SFTPBench(home: options)
        let files = try Self.connect(bench)
        let (out, large, outside) = (try path("OUT/x"), try path("IN/x"), try path("elsewhere/x"))
        #expect(fault { () throws(RemoteFault) in try files.write(out, [1]) }?.kind == .notAllowed)
        #expect(fault { () throws(RemoteFault) in try files.write(large, pattern(101)) }?.kind == .tooMuch)
        #expect(fault { () throws(RemoteFault) in try files.write(outside, [1]) }?.kind == .notAllowed)
        #expect(
            fault { () throws(RemoteFault) in try files.makeDirectory(outside) }?.breaksConnection == false)
        try files.write(large, pattern(100))
        try files.rename(large, to: path("IN/y"))
        #expect(bench.home.bytes("y", in: .incoming) == pattern(100))
    }
}
