import Exchange
import Foundation
import Synchronization
import TestServers
import Testing

@testable import Channels

/// A server others run, with one account in it.
struct InboxServerCase: Sendable, CustomTestStringConvertible {
    /// Nil: OpenSSH.
    let ftp: FTPServerCase?

    var testDescription: String { ftp?.testDescription ?? "OpenSSH" }

    static let all =
        FTPServerCase.all.map { InboxServerCase(ftp: $0) }
        + (OpenSSHServer.isInstalled ? [InboxServerCase(ftp: nil)] : [])
}

/// An inbox over such a server.
final class InboxServerBench {
    let stand: InboxStand
    let home: String
    let sender: SenderNumber
    let ssh: OpenSSHServer?
    private let ftp: FTPBench?
    private let directory: TemporaryDirectory

    init(_ choice: InboxServerCase) throws {
        directory = try TemporaryDirectory()
        sender = try #require(SenderNumber("006400"))
        let server: any RemoteServer
        let logIn: RemoteLogIn
        let prefix: RemotePath?
        if let choice = choice.ftp {
            let bench = try FTPBench(choice)
            (ftp, ssh, home, prefix) = (bench, nil, bench.home, nil)
            server = FTPFileServer(bench.settings)
            logIn = bench.logIn()
        } else {
            let sshd = try OpenSSHServer()
            try OpenSSHServer.makeKey(directory.file("key"), kind: "ed25519")
            try sshd.authorise(directory.file("key.pub"))
            (ftp, ssh, home, prefix) = (
                nil, sshd, sshd.home + "/senders/006400", RemotePath("senders/006400")
            )
            var settings = SFTPFileServer.Settings(
                host: "127.0.0.1", hostKeys: .knownHosts(path: sshd.knownHosts))
            settings.port = sshd.port
            settings.connectTimeout = .seconds(60)
            settings.stallTimeout = .seconds(60)
            server = SFTPFileServer(settings)
            logIn = RemoteLogIn(
                user: sshd.user, proof: .keyFile(path: directory.file("key"), passphrase: nil))
        }
        stand = InboxStand(
            over: server, [InboxAccount(sender: sender, logIn: logIn, home: prefix)],
            Inbox.Configuration(name: "real", channel: choice.ftp == nil ? .sftp : .ftp))
        for mailbox in Mailbox.allCases {
            try FileManager.default.createDirectory(
                atPath: "\(home)/\(mailbox.rawValue)", withIntermediateDirectories: true)
        }
        handOver()
    }

    private func handOver() {
        if ftp != nil { FTPServerAccount.handOver(home) }
    }

    func put(_ name: String, _ bytes: [UInt8] = []) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(home)/IN/\(name)"))
        handOver()
    }

    func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(home)/\(directory)").sorted()
    }
}

@Suite struct InboxRealServerTests {
    private let stem = InboxRig.stem

    private func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    }

    @Test func `all kinds of servers are here to be polled`() {
        #expect(InboxServerCase.all.count == 9)
    }

    @Test(arguments: InboxServerCase.all)
    func `a set is taken and removed, and its answer carried out`(_ choice: InboxServerCase) throws {
        let bench = try InboxServerBench(choice)
        let bytes = pattern(1_000_000)
        try bench.put("FI.\(stem).1", bytes)
        bench.stand.look()
        #expect(bench.stand.intake.sealed.isEmpty)
        try bench.put("FS.\(stem).1", [1, 2, 3])
        try bench.put("GO.\(stem)")
        let answer = bench.stand.outbox.publish(to: bench.sender)
        bench.stand.look()
        let set = try #require(bench.stand.intake.sealed.first, "\(bench.stand.log.lines(with: ""))")
        #expect(set.files.count == 2 && set.files["FS.\(stem).1"] == [1, 2, 3])
        let isWhole = set.files["FI.\(stem).1"] == bytes
        #expect(isWhole)
        #expect(try bench.names("IN").isEmpty)
        #expect(try bench.names("OUT") == ["FO", "FS", "GO"].map { "\($0).\(answer)" })
        let receipt = try String(contentsOfFile: "\(bench.home)/OUT/FO.\(answer)", encoding: .utf8)
        #expect(receipt == "FO of \(answer)")
        #expect(bench.stand.intake.marks.isEmpty && bench.stand.outbox.waiting.isEmpty)
        #expect(bench.stand.log.lines(with: "an account fails").isEmpty)
    }

    @Test(arguments: InboxServerCase.all)
    func `sets of all kinds go their ways`(_ choice: InboxServerCase) throws {
        let bench = try InboxServerBench(choice)
        try bench.put("ZI.\(stem).1", [1])
        for prefix in ["FI", "FS"] { try bench.put("\(prefix).DMFA.006400.20260420.00002.R.1.1", [2]) }
        try bench.put("TD.DMFA.006400.20260420.00002.R.1")
        try bench.put("FI.DMFA.006400.20260420.00003.R.1.1", [3])
        try bench.put("GO.DMFA.006400.20260420.00003.R")
        try bench.put("a name with 100% oddity", [4])
        try FileManager.default.removeItem(atPath: "\(bench.home)/INTEST-S")
        try FileManager.default.createSymbolicLink(
            atPath: "\(bench.home)/IN/GO.DMFA.006400.20260420.00004.R.1", withDestinationPath: "/etc/hostname"
        )
        bench.stand.look()
        #expect(
            Set(bench.stand.intake.sealed.map(\.name)) == ["ZI.\(stem).1", "GO.DMFA.006400.20260420.00003.R"])
        #expect(
            try bench.names("IN") == ["GO.DMFA.006400.20260420.00004.R.1", "a name with 100% oddity"])
        bench.stand.look(after: 100_000)
        #expect(bench.stand.intake.sealed.last?.name == "a%20name%20with%20100%25%20oddity")
        #expect(try bench.names("IN") == ["GO.DMFA.006400.20260420.00004.R.1"])
    }

    @Test(arguments: InboxServerCase.all)
    func `files that keep an old date wait for their GO, also after a restart`(_ choice: InboxServerCase)
        throws
    {
        let bench = try InboxServerBench(choice)
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -259_200)]
        for prefix in ["FI", "FS"] {
            try bench.put("\(prefix).\(stem).1", [1])
            try FileManager.default.setAttributes(old, ofItemAtPath: "\(bench.home)/IN/\(prefix).\(stem).1")
        }
        bench.stand.look()
        bench.stand.restart()
        bench.stand.look()
        #expect(bench.stand.intake.sealed.isEmpty)
        try bench.put("GO.\(stem)")
        bench.stand.look()
        #expect(bench.stand.intake.sealed.map(\.files.count) == [2])
        #expect(try bench.names("IN").isEmpty)
    }

    @Test(arguments: InboxServerCase.all)
    func `a file that is too large is cut off, and the rest of its set still comes`(_ choice: InboxServerCase)
        throws
    {
        let bench = try InboxServerBench(choice)
        bench.stand.intake.largest.withLock { $0 = 1_000_000 }
        try bench.put("FI.\(stem).1", pattern(5_000_000))
        try bench.put("FS.\(stem).1", [1, 2, 3])
        try bench.put("GO.\(stem)")
        bench.stand.look()
        let set = try #require(bench.stand.intake.sealed.first, "\(bench.stand.log.lines(with: ""))")
        #expect(set.files["FS.\(stem).1"] == [1, 2, 3])
        #expect((1...1_000_000).contains(set.files["FI.\(stem).1"]?.count ?? 0))
        #expect(try bench.names("IN").isEmpty)
    }

    @Test(arguments: InboxServerCase.all)
    func `a set sealed just before the end of the process is only removed by the next`(
        _ choice: InboxServerCase
    ) throws {
        let bench = try InboxServerBench(choice)
        try bench.put("FI.\(stem).1", [1])
        try bench.put("FS.\(stem).1", [2])
        try bench.put("GO.\(stem)")
        bench.stand.intake.fail { $0 == "seal" ? .isCutOff : .fine }
        bench.stand.look()
        #expect(try bench.names("IN").count == 3)
        bench.stand.intake.fail { _ in .fine }
        bench.stand.restart()
        bench.stand.look()
        #expect(try bench.names("IN").isEmpty)
        #expect(bench.stand.intake.sealed.count == 1 && bench.stand.intake.marks.isEmpty)
    }

    @Test(arguments: InboxServerCase.all.filter { $0.ftp != nil && geteuid() == 0 })
    func `a server that refuses removals has no set taken twice`(_ choice: InboxServerCase) throws {
        let bench = try InboxServerBench(choice)
        try bench.put("FI.\(stem).1", [1])
        try bench.put("FS.\(stem).1", [2])
        try bench.put("GO.\(stem)")
        chown("\(bench.home)/IN", 0, 0)
        for _ in 0..<3 { bench.stand.look(after: 400) }
        bench.stand.restart()
        for _ in 0..<3 { bench.stand.look(after: 400) }
        #expect(bench.stand.intake.sealed.count == 1)
        #expect(try bench.names("IN").count == 3)
        #expect(bench.stand.log.lines(with: "is not removed").count == 2)
        chown("\(bench.home)/IN", FTPServerAccount.owner.user, FTPServerAccount.owner.group)
        bench.stand.look(after: 400)
        #expect(try bench.names("IN").isEmpty)
        #expect(bench.stand.intake.sealed.count == 1 && bench.stand.intake.marks.isEmpty)
    }

    @Test func `an FTP server whose machine listing cannot be read any more has no set taken twice`() throws {
        var script = ScriptedFTPScript(files: ["GO.\(stem)": [], "FI.\(stem).1": [1], "FS.\(stem).1": [2]])
        script.answers = ["DELE": "550 Permission denied."]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let account = InboxAccount(
            sender: try #require(SenderNumber("006400")),
            logIn: RemoteLogIn(user: "anybody", proof: .password(Secret("x"))), home: nil)
        let stand = InboxStand(
            over: FTPFileServer(.init(host: "127.0.0.1", port: server.port, security: .plaintext)), [account],
            Inbox.Configuration(name: "scripted", channel: .ftp))
        // The server has the same files in every directory.
        let once = Mailbox.allCases.filter(\.takesUploads)
        stand.look()
        #expect(stand.intake.sealed.map(\.mailbox) == once)
        server.spoilListings()
        for _ in 0..<3 { stand.look(after: 400) }
        stand.restart()
        for _ in 0..<3 { stand.look(after: 400) }
        #expect(stand.intake.sealed.map(\.mailbox) == once)
        #expect(stand.intake.marks.count == once.count)
    }

    @Test func `a server that tells names only has nothing taken, which is said once for each directory`()
        throws
    {
        var script = ScriptedFTPScript(files: ["GO.\(stem)": [], "FI.\(stem).1": [1], "FS.\(stem).1": [2]])
        script.listing = .namesOnly
        script.answers = ["SIZE": "502 SIZE is unknown"]
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        let account = InboxAccount(
            sender: try #require(SenderNumber("006400")),
            logIn: RemoteLogIn(user: "anybody", proof: .password(Secret("x"))), home: nil)
        let stand = InboxStand(
            over: FTPFileServer(.init(host: "127.0.0.1", port: server.port, security: .plaintext)), [account],
            Inbox.Configuration(name: "scripted", channel: .ftp))
        for _ in 0..<2 { stand.look() }
        #expect(stand.intake.sealed.isEmpty && server.files.count == 3)
        let lines = stand.log.lines(with: "what the server does not say is a file is left where it is")
        #expect(lines.count == Mailbox.allCases.filter(\.takesUploads).count)
        #expect(lines.allSatisfy { $0.contains("name=FI.\(stem).1") && $0.contains("number=3") })
    }

    @Test(.enabled(if: OpenSSHServer.isInstalled))
    func `connections that break in the middle of files cost nothing but another connection`() throws {
        let bench = try InboxServerBench(InboxServerCase(ftp: nil))
        let ssh = try #require(bench.ssh)
        let bytes = pattern(8_000_000)
        try bench.put("FI.\(stem).1", bytes)
        try bench.put("FS.\(stem).1", [1])
        try bench.put("GO.\(stem)")
        let writes = Mutex(0)
        bench.stand.intake.fail { call in
            guard call == "write" else { return .fine }
            let count = writes.withLock { count in
                count += 1
                return count
            }
            if [3, 20].contains(count) { ssh.breakConnections() }
            return .fine
        }
        bench.stand.look()
        let isWhole = bench.stand.intake.sealed.first?.files["FI.\(stem).1"] == bytes
        #expect(isWhole)
        #expect(writes.withLock { $0 } > 20)
        #expect(bench.stand.intake.sealed.count == 1)
        #expect(try bench.names("IN").isEmpty)
    }

    @Test(arguments: InboxServerCase.all)
    func `a refused log-in waits and is not a server that is lost`(_ choice: InboxServerCase) throws {
        let bench = try InboxServerBench(choice)
        bench.stand.accounts.withLock { accounts in
            accounts = accounts.map {
                InboxAccount(
                    sender: $0.sender, logIn: RemoteLogIn(user: "nobody-at-all", proof: $0.logIn.proof),
                    home: nil)
            }
        }
        bench.stand.look()
        #expect(bench.stand.log.lines(with: "a server is not reached").isEmpty)
        #expect(bench.stand.log.lines(with: "an account fails").count == 1)
        #expect(bench.stand.log.lines(with: FTPBench.password).isEmpty)
    }
}
