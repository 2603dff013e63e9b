import Exchange
import Foundation
import TestServers
import Testing

@testable import Registry

/// Whether real FTP servers admit the senders of an account file, and nobody else.
@Suite struct FTPAccountServerTests {
    private let fixture: Fixture

    /// Sender 1 may log in; 2 is blocked, 3 has too old a password, 4 was given another one.
    init() throws {
        fixture = try Fixture()
        for index in 1...4 {
            let time = index == 3 ? Fixture.now - FTPPassword.life : Fixture.now
            let registry = try Registry.open(at: fixture.path, clock: { time })
            try registry.register(newSender(index))
            try registry.addChannel(
                NewChannel(kind: .ftp, password: password(for: "EXPsender\(index)")), to: number(index))
        }
        try fixture.registry.setBlocked(true, number(2))
        try fixture.registry.setPassword(password("Another-Horse-8", for: "EXPsender4"), of: number(4))
    }

    /// Writes the file and makes the homes.
    private func write(_ kind: FTPAccountFile.Server) throws -> (path: String, homes: [String: String]) {
        let root = fixture.directory.appendingPathComponent("homes").path
        let daemon = FTPServerAccount.owner
        let owner = try #require(FTPAccountFile.Owner(uid: daemon.user, gid: daemon.group))
        let file = try #require(FTPAccountFile(for: kind, root: root, owner: owner))
        let accounts = try fixture.registry.ftpAccounts(at: Fixture.now)
        for account in accounts {
            let home = file.home(of: account)
            try FileManager.default.createDirectory(atPath: home + "/IN", withIntermediateDirectories: true)
            FTPServerAccount.handOver(home)
        }
        let path = fixture.directory.appendingPathComponent("accounts").path
        let isWritten = FileManager.default.createFile(
            atPath: path, contents: Data(file.text(of: accounts).utf8), attributes: [.posixPermissions: 0o600]
        )
        try #require(isWritten)
        let homes = accounts.map { ($0.user.description, file.home(of: $0)) }
        return (path, Dictionary(uniqueKeysWithValues: homes))
    }

    /// The names a log-in sees; nil when it is refused.
    private func list(_ server: any FTPServerFixture, _ index: Int, _ password: String) throws -> [String]? {
        let curl = Process()
        curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
        curl.arguments = [
            "--silent", "--list-only", "--user", "EXPsender\(index):\(password)",
            "ftp://127.0.0.1:\(server.port)/",
        ]
        let pipe = Pipe()
        curl.standardOutput = pipe
        try curl.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        curl.waitUntilExit()
        // 67: the log-in was refused; anything else is a fault of the test.
        guard curl.terminationStatus != 67 else { return nil }
        #expect(curl.terminationStatus == 0, "\(server.log)")
        let names = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline).map(
            String.init)
        return names.filter { !$0.hasPrefix(".") }
    }

    private func judge(_ server: any FTPServerFixture) throws {
        #expect(try list(server, 1, "Correct-Horse-9") == ["IN"])
        #expect(try list(server, 4, "Another-Horse-8") == ["IN"])
        for (index, wrong) in [
            (1, "correct-Horse-9"), (2, "Correct-Horse-9"), (3, "Correct-Horse-9"), (4, "Correct-Horse-9"),
        ] {
            #expect(try list(server, index, wrong) == nil, "sender \(index)")
        }
        server.stop()
    }

    @Test(.enabled(if: ProFTPDServer.isAvailable))
    func `ProFTPD admits whom the file names`() throws {
        try judge(ProFTPDServer(accountFile: write(.proftpd).path, security: .none))
    }

    @Test(.enabled(if: VsftpdServer.isAvailable))
    func `vsftpd admits whom the file names`() throws {
        let (path, homes) = try write(.vsftpd)
        try judge(VsftpdServer(accountFile: path, homes: homes, security: .none))
    }

    @Test(.enabled(if: PureFTPDServer.isAvailable))
    func `pure-ftpd admits whom the file names`() throws {
        try judge(PureFTPDServer(accountFile: write(.pureFTPd).path, security: .none))
    }
}
