import TestServers
import Testing

@testable import Channels

/// Listings of servers that list in their own way, and of directories that are too large.
@Suite struct FTPListingTests {
    @Test(arguments: [ScriptedFTPScript.Listing.machine, .unix, .dos, .namesOnly])
    func `a directory is read in whatever form the server has`(listing: ScriptedFTPScript.Listing) throws {
        var script = ScriptedFTPScript(files: ["one": [1], "two words": [1, 2], "größe": []])
        script.listing = listing
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server)
        for _ in 0..<2 {
            let entries = try files.list(at("IN")).sorted { ($0.size ?? 0) < ($1.size ?? 0) }
            #expect(
                entries.map { String(decoding: $0.name, as: UTF8.self) } == ["größe", "one", "two words"])
            #expect(entries.map(\.size) == [0, 1, 2])
            #expect(entries.allSatisfy { $0.kind == .file })
        }
        let listings = server.commands.filter { ["MLSD", "LIST", "NLST"].contains($0.prefix(4)) }
        let verbs = listings.map { $0.prefix(4) }
        switch listing {
        case .machine: #expect(verbs == ["MLSD", "MLSD"])
        case .unix, .dos: #expect(verbs == ["LIST", "LIST"])
        case .namesOnly: #expect(verbs == ["LIST", "NLST", "NLST"])
        }
        #expect(listings.allSatisfy { $0.hasSuffix(" IN") })
    }

    @Test(arguments: [ScriptedFTPScript.Listing.machine, .unix, .dos])
    func `a name with a line break costs neither the others nor the form of the listing`(
        listing: ScriptedFTPScript.Listing
    ) throws {
        for odd in ["\nz", "x\r\ny", "x\ntwo words\n"] {
            var script = ScriptedFTPScript(files: [odd: [1, 2, 3], "one": [1]])
            script.listing = listing
            let server = try ScriptedFTPServer(script)
            defer { server.stop() }
            let files = try connect(server)
            for _ in 0..<2 {
                let one = try #require(try files.list(at("IN")).first { $0.name == Array("one".utf8) })
                #expect(one.kind == .file && one.size == 1)
            }
            let verbs = server.commands.map { $0.prefix(4) }.filter {
                ["MLSD", "LIST", "NLST"].contains($0)
            }
            #expect(verbs.count == 2 && Set(verbs).count == 1)
        }
    }

    @Test func `names without SIZE are of no known kind`() throws {
        var script = ScriptedFTPScript(files: ["one": [1]])
        script.listing = .namesOnly
        script.answers = ["SIZE": "502 SIZE is unknown"]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let entries = try connect(server).list(at("IN"))
        #expect(entries.map(\.kind) == [.other])
        #expect(entries.map(\.size) == [nil])
    }

    @Test func `a server that refuses the MLSD it announced is asked for LIST, once and for all`() throws {
        var script = ScriptedFTPScript(files: ["one": [1]])
        script.answers = ["MLSD": "500 MLSD is unknown"]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server)
        for _ in 0..<3 { #expect(try files.list(at("IN")).map(\.size) == [1]) }
        #expect(server.commands.filter { $0.hasPrefix("MLSD") }.count == 1)
    }

    @Test func `a server without FEAT is asked for LIST`() throws {
        var script = ScriptedFTPScript(files: ["one": [1]])
        script.answers = ["FEAT": "500 FEAT is unknown"]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        #expect(try connect(server).list(at("IN")).count == 1)
        #expect(!server.commands.contains { $0.hasPrefix("MLSD") })
    }

    @Test(.timeLimit(.minutes(5)), arguments: [ScriptedFTPScript.Listing.machine, .unix, .dos])
    func `as many entries as allowed are read, one more is too much, and the connection stays`(
        listing: ScriptedFTPScript.Listing
    ) throws {
        var script = ScriptedFTPScript(files: ["x": [1]])
        script.listing = listing
        script.emptyFiles = 100_000
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server)
        #expect(faultKind { _ = try files.list(at("IN")) } == .tooMuch)
        #expect(try files.bytes(at("x")) == [1])
        #expect(try connect(server, entriesAtMost: 100_001).list(at("IN")).count == 100_001)
    }

    @Test func `names that begin with a hyphen are no options`() throws {
        var script = ScriptedFTPScript(files: ["x": [1]])
        script.listing = .unix
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        _ = try connect(server).list(at("-la"))
        #expect(server.commands.contains("LIST ./-la"))
    }
}
