import Foundation
import TestServers
import Testing

@testable import Channels

/// The client against the servers that others run.
@Suite struct FTPServerTests {
    @Test func `every server that can run is here to be tested against`() {
        // vsftpd and Pure-FTPd run as root only, and the latter has no implicit TLS.
        #expect(FTPServerCase.all.count == (geteuid() == 0 ? 8 : 3))
    }

    @Test(arguments: FTPServerCase.Program.allCases.filter(\.isAvailable))
    func `a server takes a ready-made file of accounts`(program: FTPServerCase.Program) throws {
        let directory = try TemporaryDirectory()
        let home = directory.file("home")
        try FileManager.default.createDirectory(atPath: home + "/IN", withIntermediateDirectories: true)
        FTPServerAccount.handOver(home)
        let hash = try FTPServerAccount(name: "EXPacme", password: "secret", home: home).passwordHash
        let (user, group) = FTPServerAccount.owner
        let server: any FTPServerFixture
        switch program {
        case .proftpd:
            let file = try directory.write(
                "EXPacme:\(hash):\(user):\(group):Acme:\(home):/usr/sbin/nologin\n".utf8, to: "accounts")
            chmod(file, 0o600)
            server = try ProFTPDServer(accountFile: file, security: .none)
        case .vsftpd:
            let file = try directory.write("EXPacme:\(hash)\n".utf8, to: "accounts")
            server = try VsftpdServer(accountFile: file, homes: ["EXPacme": home], security: .none)
        case .pureFTPd:
            let file = try directory.write(
                "EXPacme:\(hash):\(user):\(group)::\(home)/./::::::::::::\n".utf8, to: "accounts")
            server = try PureFTPDServer(accountFile: file, security: .none)
        }
        defer { server.stop() }
        let settings = FTPFileServer.Settings(host: "127.0.0.1", port: server.port, security: .plaintext)
        let logIn = RemoteLogIn(user: "EXPacme", proof: .password(Secret("secret")))
        let files = try FTPFileServer(settings).connect(as: logIn)
        #expect(try files.list(at(".")).map(\.name) == [Array("IN".utf8)])
    }

    @Test(arguments: FTPServerCase.all)
    func `files come and go, whole`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        let files = try bench.connect()
        let bytes = pattern(300_000)
        try files.write(bytes, at("IN/one.tmp"))
        #expect(isTrue(bench.bytes("IN/one.tmp") == bytes))
        #expect(try files.size(of: at("IN/one.tmp")) == 300_000)
        try files.rename(at("IN/one.tmp"), to: at("IN/one"))
        #expect(try isTrue(files.bytes(at("IN/one")) == bytes))
        #expect(try isTrue(files.bytes(at("IN/one"), from: 299_990) == Array(bytes.suffix(10))))
        try files.write([], at("IN/empty"))
        #expect(try files.bytes(at("IN/empty")) == [])
        try files.remove(at("IN/one"))
        #expect(bench.bytes("IN/one") == nil)
        #expect(try files.list(at("IN")).map(\.name) == [Array("empty".utf8)])
        files.close()
        files.close()
        #expect(faultKind { _ = try files.list(at("IN")) } == .brokenOff)
    }

    @Test(arguments: FTPServerCase.all)
    func `a directory is listed with kinds, sizes and times`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        try bench.put(pattern(12_345), "IN/a file")
        try FileManager.default.createDirectory(
            atPath: bench.home + "/IN/sub", withIntermediateDirectories: true)
        let files = try bench.connect()
        let entries = try files.list(at("IN")).sorted { $0.name.lexicographicallyPrecedes($1.name) }
        #expect(entries.map(\.name) == [Array("a file".utf8), Array("sub".utf8)])
        #expect(entries.map(\.kind) == [.file, .directory])
        #expect(entries.map(\.size) == [12_345, nil])
        #expect(entries.allSatisfy { !$0.stamp.isEmpty })
        #expect(try files.list(at("IN")) == files.list(at("IN/")))
        #expect(try files.list(at(".")).map(\.name) == [Array("IN".utf8)])
        #expect(try files.list(at("IN/sub")) == [])
        guard choice.program != .vsftpd else { return }
        let time = try #require(entries[0].modifiedAt)
        #expect(abs(time - Date().timeIntervalSince1970) < 3600)
    }

    @Test(arguments: FTPServerCase.all)
    func `names of any kind are taken as they are`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        let files = try bench.connect()
        let names = [
            "with space", "plus+and%20percent", "FI;type=a", "question?hash#", "Größe€", "a..b", "[x]{y}*",
            "-l",
            "~tilde", "quote'\"",
        ]
        for name in names { try files.write(Array(name.utf8), at("IN").appending(name) ?? at(name)) }
        let listed = try Set(files.list(at("IN")).map(\.name))
        #expect(listed == Set(names.map { Array($0.utf8) }))
        for name in names {
            let path = try #require(at("IN").appending(name))
            #expect(try files.bytes(path) == Array(name.utf8), "\(name)")
            try files.rename(path, to: at("moved"))
            try files.remove(at("moved"))
        }
        #expect(try files.list(at("IN")).isEmpty)
    }

    @Test(arguments: FTPServerCase.all)
    func `names with a line break change nothing for the others`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        try bench.put([1, 2], "IN/one")
        let one = try bench.connect().list(at("IN"))
        for name in ["\nfirst", "FI.a\nb", "x\r\ny"] { try bench.put([1], "IN/\(name)") }
        let files = try bench.connect()
        for _ in 0..<2 {
            #expect(try files.list(at("IN")).filter { $0.name == Array("one".utf8) } == one)
        }
        for name in ["\nfirst", "FI.a\nb", "x\r\ny"] {
            try FileManager.default.removeItem(atPath: "\(bench.home)/IN/\(name)")
        }
        #expect(try files.list(at("IN")) == one)
    }

    @Test(arguments: FTPServerCase.all)
    func `what is not there, or is there already, is told`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        let files = try bench.connect()
        #expect(faultKind { _ = try files.bytes(at("IN/none")) } == .noSuchFile)
        #expect(faultKind { _ = try files.size(of: at("IN/none")) } == .noSuchFile)
        #expect(faultKind { try files.remove(at("IN/none")) } == .noSuchFile)
        #expect(faultKind { try files.rename(at("IN/none"), to: at("x")) } == .noSuchFile)
        #expect(faultKind { _ = try files.list(at("NONE")) } == .noSuchFile)
        #expect(faultKind { try files.makeDirectory(at("IN")) } == .alreadyExists)
        try files.makeDirectory(at("NEW"))
        #expect(try files.list(at("NEW")).isEmpty)
        // The connection has outlived all of this.
        try files.write([1], at("NEW/x"))
        #expect(bench.bytes("NEW/x") == [1])
    }

    @Test(arguments: FTPServerCase.all)
    func `a rename replaces a file that has the name`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        let files = try bench.connect()
        try files.write([1], at("old"))
        try files.write([2, 2], at("new"))
        try files.rename(at("old"), to: at("new"))
        #expect(bench.bytes("new") == [1])
        #expect(bench.bytes("old") == nil)
    }

    @Test(arguments: FTPServerCase.all)
    func `an upload goes on where a broken one stopped, and only there`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        let files = try bench.connect()
        let bytes = pattern(100_000)
        try files.write(Array(bytes.prefix(60_000)), at("IN/x"))
        try files.write(Array(bytes.dropFirst(60_000)), at("IN/x"), from: 60_000)
        #expect(isTrue(bench.bytes("IN/x") == bytes))
        #expect(faultKind { try files.write([1], at("IN/x"), from: 99_999) } == .notAllowed)
        #expect(faultKind { try files.write([1], at("IN/none"), from: 10) } == .noSuchFile)
        #expect(isTrue(bench.bytes("IN/x") == bytes))
    }

    @Test(arguments: FTPServerCase.all)
    func `a wrong password is not admitted`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        #expect(faultKind { _ = try bench.connect(password: "wrong") } == .notAdmitted)
        #expect(faultKind { _ = try bench.connect(password: "two\r\nDELE x") } == .notAdmitted)
    }

    @Test(arguments: FTPServerCase.all)
    func `what our own closures throw ends a transfer, and is the cause`(choice: FTPServerCase) throws {
        struct Mine: Error {}
        let bench = try FTPBench(choice)
        try bench.put(pattern(3_000_000), "big")
        do {
            try bench.connect().read(at("big"), from: 0) { _ in throw Mine() }
            Issue.record("nothing was thrown")
        } catch let fault as RemoteFault {
            #expect(fault.kind == .stopped)
            #expect(fault.cause is Mine)
        }
        #expect(faultKind { try bench.connect().write(at("up"), from: 0) { _ in throw Mine() } } == .stopped)
    }

    @Test(arguments: FTPServerCase.all)
    func `the server opens the data connections when it is to, but never without the TLS asked for`(
        choice: FTPServerCase
    ) throws {
        let bench = try FTPBench(choice)
        var settings = bench.settings
        settings.mode = .active(address: "127.0.0.1")
        guard choice.security == .none || !(0x075700..<0x080000).contains(CurlEasy.version) else {
            #expect(faultKind { _ = try bench.connect(settings) } == .notAllowed)
            return
        }
        let files = try bench.connect(settings)
        try files.write([1, 2, 3], at("IN/x"))
        #expect(try files.bytes(at("IN/x")) == [1, 2, 3])
        #expect(try files.list(at("IN")).count == 1)
    }

    @Test(arguments: FTPServerCase.all)
    func `a refused transfer leaves no answer behind for the next command`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        try bench.put([1], "IN/x")
        let files = try bench.connect()
        for _ in 0..<3 {
            #expect(faultKind { _ = try files.bytes(at("IN/none")) } == .noSuchFile)
            #expect(try files.size(of: at("IN/x")) == 1)
            #expect(faultKind { try files.write([1], at("NONE/x")) } != nil)
            #expect(faultKind { try files.remove(at("IN/none")) } == .noSuchFile)
            #expect(try files.bytes(at("IN/x")) == [1])
        }
    }

    @Test(arguments: FTPServerCase.all.filter { $0.security != .none })
    func `a certificate that is not trusted ends it before the log-in`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        let other = try TLSIdentity.mint(in: bench.directory.path, name: "other")
        let right = try #require(bench.server.certificatePath)
        func kind(_ trust: CurlTrust) -> RemoteFault.Kind? {
            var settings = bench.settings
            settings.security = choice.security == .explicit ? .explicit(trust) : .implicit(trust)
            return faultKind { try bench.connect(settings).close() }
        }
        #expect(kind(CurlTrust()) == .untrusted)
        #expect(kind(CurlTrust(authoritiesFile: other.certificatePath)) == .untrusted)
        #expect(kind(CurlTrust(authoritiesFile: bench.directory.file("none"))) == .untrusted)
        let wrongPin = try other.pinnedKey()
        #expect(kind(CurlTrust(authoritiesFile: right, pinnedKey: wrongPin)) == .untrusted)
        let pin = try TLSIdentity.pinnedKey(of: right)
        #expect(kind(CurlTrust(authoritiesFile: right, pinnedKey: pin)) == nil)
    }

    @Test(arguments: FTPServerCase.all.filter { $0.security != .none })
    func `a pinned key without authorities is the only proof that counts`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        let other = try TLSIdentity.mint(in: bench.directory.path, name: "other")
        let right = try TLSIdentity.pinnedKey(of: #require(bench.server.certificatePath))
        func settings(_ trust: CurlTrust, host: String = "127.0.0.1") -> FTPFileServer.Settings {
            var settings = FTPFileServer.Settings(
                host: host, port: bench.server.port,
                security: choice.security == .explicit ? .explicit(trust) : .implicit(trust))
            settings.connectTimeout = .seconds(60)
            settings.stallTimeout = .seconds(60)
            return settings
        }
        let wrong = ["sha256//", "", try other.pinnedKey(), bench.directory.file("none")]
        for pin in wrong {
            let kind = faultKind { try bench.connect(settings(CurlTrust(pinnedKey: pin))).close() }
            #expect(kind == .untrusted, "\(pin)")
        }
        #expect(!bench.server.log.contains("EXPacme"))
        let both = CurlTrust(authoritiesFile: other.certificatePath, pinnedKey: right)
        #expect(faultKind { try bench.connect(settings(both)).close() } == .untrusted)
        // A name of this machine (RFC 6761, 6.3) that is not in the certificate.
        let named = CurlTrust(authoritiesFile: bench.server.certificatePath, pinnedKey: right)
        #expect(
            faultKind { try bench.connect(settings(named, host: "other.localhost")).close() } == .untrusted)
        for host in ["127.0.0.1", "other.localhost"] {
            let files = try bench.connect(settings(CurlTrust(pinnedKey: right), host: host))
            try files.write([1, 2, 3], at("IN/x"))
            #expect(try files.bytes(at("IN/x")) == [1, 2, 3])
            #expect(try files.list(at("IN")).count == 1)
        }
    }

    @Test(arguments: FTPServerCase.all.filter { $0.security == .none })
    func `nobody logs in without TLS unless that was said`(choice: FTPServerCase) throws {
        let bench = try FTPBench(choice)
        var settings = bench.settings
        settings.security = .explicit(CurlTrust())
        #expect(faultKind { try bench.connect(settings).close() } == .untrusted)
        #expect(!bench.server.log.contains("EXPacme"))
    }
}
