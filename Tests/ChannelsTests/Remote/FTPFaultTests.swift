import Foundation
import TestServers
import Testing

@testable import Channels

/// The client against a server that does wrong: each time the right fault, and no wait without an end.
@Suite struct FTPFaultTests {
    // MARK: Silence

    @Test(.timeLimit(.minutes(5)), arguments: ["", "USER", "PASS", "PWD", "FEAT"])
    func `a server that falls silent before the end of the log-in is given up`(verb: String) throws {
        var script = ScriptedFTPScript()
        script.silence = [verb]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        #expect(faultKind { _ = try connect(server, stall: .seconds(1)) } == .timedOut)
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: ["EPSV", "TYPE", "MLSD", "RETR", "STOR", "SIZE", "DELE", "MKD", "RNFR", "RNTO", "REST"])
    func `a server that falls silent later is given up too`(verb: String) throws {
        var script = ScriptedFTPScript(files: ["x": [1, 2, 3]])
        script.silence = [verb]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server, stall: .seconds(1))
        let kind = faultKind {
            switch verb {
            case "MLSD": _ = try files.list(at("."))
            case "STOR": try files.write([1], at("y"))
            case "SIZE": _ = try files.size(of: at("x"))
            case "DELE": try files.remove(at("x"))
            case "MKD": try files.makeDirectory(at("y"))
            case "RNFR", "RNTO": try files.rename(at("x"), to: at("y"))
            default: _ = try files.bytes(at("x"), from: 1)
            }
        }
        #expect(kind == .timedOut)
        #expect(faultKind { _ = try files.list(at(".")) } == .brokenOff)
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["read", "list", "write"])
    func `data that stops coming, or being taken, is given up`(direction: String) throws {
        var script = ScriptedFTPScript(files: ["x": pattern(5000)])
        script.dataEnd = (10, .stall)
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server, stall: .seconds(1))
        let kind = faultKind {
            switch direction {
            case "read": _ = try files.bytes(at("x"))
            case "list": _ = try files.list(at("."))
            default: try files.write(pattern(50_000_000), at("y"))
            }
        }
        #expect(kind == .timedOut)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a server that gives a few bytes now and then is given up`() throws {
        var script = ScriptedFTPScript(files: ["x": pattern(100_000)])
        script.dataEnd = (0, .trickle)
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        #expect(faultKind { _ = try connect(server, stall: .seconds(2)).bytes(at("x")) } == .timedOut)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a line without an end is given up`() throws {
        var script = ScriptedFTPScript()
        script.endlessAnswer = "DELE"
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server, stall: .seconds(1))
        let kind = try #require(faultKind { try files.remove(at("x")) })
        #expect([.timedOut, .garbled, .brokenOff].contains(kind))
    }

    @Test(.timeLimit(.minutes(5)))
    func `an answer of lines without an end is none`() throws {
        var script = ScriptedFTPScript()
        script.endlessLines = "DELE"
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        #expect(faultKind { try connect(server).remove(at("x")) } == .garbled)
    }

    @Test(.timeLimit(.minutes(5)))
    func `closing does not wait for a server that says nothing`() throws {
        var script = ScriptedFTPScript()
        script.silence = ["QUIT"]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        // libcurl alone would wait two minutes for each.
        for _ in 0..<20 { try connect(server).close() }
    }

    // MARK: Breaks

    @Test(arguments: [ScriptedFTPScript.DataEnd.broken, .hangUp])
    func `data that end early are broken off`(end: ScriptedFTPScript.DataEnd) throws {
        var script = ScriptedFTPScript(files: ["x": pattern(5000)])
        script.dataEnd = (10, end)
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        #expect(faultKind { _ = try connect(server).bytes(at("x")) } == .brokenOff)
        #expect(faultKind { _ = try connect(server).list(at(".")) } == .brokenOff)
    }

    @Test func `an upload that the server breaks off is no upload`() throws {
        var script = ScriptedFTPScript()
        script.dataEnd = (10, .broken)
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let kind = faultKind { try connect(server).write(pattern(50_000_000), at("x")) }
        #expect(kind == .brokenOff)
    }

    @Test func `an early end that the server praises shows in the number of bytes only`() throws {
        var script = ScriptedFTPScript(files: ["x": pattern(5000)])
        script.dataEnd = (10, .brokenButPraised)
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        #expect(try connect(server).bytes(at("x")).count == 10)
    }

    @Test func `a connection serves call after call`() throws {
        var script = ScriptedFTPScript()
        script.answers = ["MKD": "257 " + String(repeating: "made ", count: 30)]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server)
        for _ in 0..<4000 { try files.makeDirectory(at("x")) }
        #expect(server.connections == 1)
    }

    // MARK: Lies and refusals

    @Test(arguments: [UInt64(5), 5_000_000_000])
    func `a size that is not true neither cuts a file nor breaks it off`(size: UInt64) throws {
        var script = ScriptedFTPScript(files: ["x": pattern(5000)])
        script.size = size
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server)
        #expect(try files.bytes(at("x")) == pattern(5000))
        #expect(try files.list(at(".")).map(\.size) == [size])
        #expect(!server.commands.contains { $0.hasPrefix("SIZE") })
        #expect(try files.size(of: at("x")) == size)
    }

    @Test func `a refusal says what it is about`() throws {
        let refusals: [(verb: String, answer: String, kind: RemoteFault.Kind)] = [
            ("DELE", "550 No.", .notAllowed), ("DELE", "450 Busy.", .notAllowed),
            ("DELE", "421 Closing.", .brokenOff), ("STOR", "552 Quota.", .tooMuch),
            ("STOR", "452 Full.", .tooMuch), ("STOR", "553 No.", .notAllowed),
            ("RETR", "550 No.", .notAllowed),
            ("RETR", "530 Log in first.", .notAdmitted), ("MKD", "550 x: File exists", .alreadyExists),
            ("MKD", "550 No.", .alreadyExists), ("RNTO", "550 No.", .notAllowed),
            ("RNFR", "550 No.", .notAllowed),
        ]
        for refusal in refusals {
            var script = ScriptedFTPScript(files: ["x": [1]])
            script.answers = [refusal.verb: refusal.answer]
            let server = try ScriptedFTPServer(script)
            defer { server.stop() }
            let files = try connect(server)
            let kind = faultKind {
                switch refusal.verb {
                case "DELE": try files.remove(at("x"))
                case "STOR": try files.write([1], at("y"))
                case "MKD": try files.makeDirectory(at("x"))
                case "RETR": _ = try files.bytes(at("x"))
                default: try files.rename(at("x"), to: at("y"))
                }
            }
            #expect(kind == refusal.kind, "\(refusal)")
        }
    }

    @Test func `a log-in that fails says whether it is the password`() throws {
        for (answer, kind) in [("530 No.", RemoteFault.Kind.notAdmitted), ("421 Too many.", .brokenOff)] {
            var script = ScriptedFTPScript()
            script.answers = ["PASS": answer]
            let server = try ScriptedFTPServer(script)
            defer { server.stop() }
            #expect(faultKind { _ = try connect(server) } == kind)
        }
        #expect(faultKind { _ = try connect(port: freePort()) } == .unreachable)
    }

    @Test func `what the server says is printable and cut, and no secret is in it`() throws {
        var script = ScriptedFTPScript(files: ["x": [1]])
        script.answers = ["DELE": "550 \u{1B}[31m\u{7}" + String(repeating: "long ", count: 200)]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        do {
            try connect(server).remove(at("x"))
            Issue.record("nothing was thrown")
        } catch let fault as RemoteFault {
            #expect(fault.sentence.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            #expect(fault.sentence.count < 300)
            #expect(!fault.sentence.contains("secret"))
        }
    }

    @Test func `a file in the way of another is removed when the server wants it so`() throws {
        var script = ScriptedFTPScript(files: ["x": [1], "y": [2]])
        script.refusesReplacement = true
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let files = try connect(server)
        try files.rename(at("x"), to: at("y"))
        #expect(server.files == ["y": [1]])
        #expect(faultKind { try files.rename(at("none"), to: at("y")) } == .noSuchFile)
        #expect(server.files == ["y": [1]])
    }

    // MARK: Ways

    @Test func `a password is not said to a server without TLS`() throws {
        let server = try ScriptedFTPServer(ScriptedFTPScript())
        defer { server.stop() }
        let kind = faultKind { _ = try connect(server, security: .explicit(CurlTrust())) }
        #expect(kind == .untrusted)
        #expect(server.commands.allSatisfy { $0.hasPrefix("AUTH") })
    }

    @Test func `data come from the host of the control connection, whatever PASV says`() throws {
        var script = ScriptedFTPScript(files: ["x": [1, 2]])
        script.misleadsPassive = true
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        #expect(try connect(server).bytes(at("x")) == [1, 2])
        #expect(server.commands.contains("PASV"))
    }

    // A kernel may have no IPv6 at all, not even on the loopback device; nothing can be installed for it.
    @Test(.enabled(if: hasIPv6)) func `a server is reached over IPv6`() throws {
        var script = ScriptedFTPScript(files: ["x": [1, 2]])
        script.isIPv6 = true
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        #expect(try connect(server, host: "::1").bytes(at("x")) == [1, 2])
    }

    @Test func `an address is written as people write it, and is one`() throws {
        var settings = FTPFileServer.Settings(host: "2001:db8::1", port: 990, security: .plaintext)
        #expect(FTPFileServer(settings).address == "[2001:db8::1]:990")
        settings.host = "ftp.example.com"
        #expect(FTPFileServer(settings).address == "ftp.example.com:990")
        for host in ["", "a b", "user@host", "host/path", "h\u{0}st", "höst", "a%00", "x?y"] {
            settings.host = host
            #expect(faultKind { _ = try FTPFileServer(settings).connect(as: anybody) } == .unreachable)
        }
    }

    @Test func `only a password that can be said in one line logs in`() throws {
        let server = try ScriptedFTPServer(ScriptedFTPScript())
        defer { server.stop() }
        let settings = FTPFileServer.Settings(host: "127.0.0.1", port: server.port, security: .plaintext)
        let logIns = [
            RemoteLogIn(user: "EXPacme", proof: .agent),
            RemoteLogIn(user: "EXPacme", proof: .keyFile(path: "/k", passphrase: nil)),
            RemoteLogIn(user: "EXPacme\r\nDELE x", proof: .password(Secret("x"))),
            RemoteLogIn(user: "EXPacme", proof: .password(Secret("x\nDELE x"))),
            RemoteLogIn(user: "", proof: .password(Secret("x"))),
        ]
        for logIn in logIns {
            #expect(faultKind { _ = try FTPFileServer(settings).connect(as: logIn) } == .notAdmitted)
        }
        #expect(server.connections == 0)
    }
}

private let anybody = RemoteLogIn(user: "EXPacme", proof: .password(Secret("secret")))

/// A machine may have no IPv6, not even on loopback; the server is a scripted one, no real one is left out by it.
private var hasIPv6: Bool {
    var script = ScriptedFTPScript()
    script.isIPv6 = true
    return (try? ScriptedFTPServer(script)) != nil
}

func connect(
    _ server: ScriptedFTPServer, host: String = "127.0.0.1", stall: Duration = .seconds(60),
    security: FTPFileServer.Settings.Security = .plaintext, entriesAtMost: Int = 100_000
) throws -> any RemoteFiles {
    try connect(
        host: host, port: server.port, stall: stall, security: security, entriesAtMost: entriesAtMost)
}

func connect(
    host: String = "127.0.0.1", port: Int, stall: Duration = .seconds(60),
    security: FTPFileServer.Settings.Security = .plaintext, entriesAtMost: Int = 100_000
) throws -> any RemoteFiles {
    var settings = FTPFileServer.Settings(host: host, port: port, security: security)
    settings.connectTimeout = .seconds(60)
    settings.stallTimeout = stall
    settings.entriesAtMost = entriesAtMost
    return try FTPFileServer(settings).connect(as: anybody)
}
