import Exchange
import Foundation
import TestServers
import Testing

@testable import Channels

/// The servers as docs/channels.md says they are to be configured, polled.
@Suite struct DocumentedServerTests {
    private let directory: TemporaryDirectory
    private let owner = FTPServerAccount.owner
    private let stem = InboxRig.stem

    init() throws {
        directory = try TemporaryDirectory()
        for mailbox in Mailbox.allCases {
            try FileManager.default.createDirectory(
                atPath: "\(root)/006400/\(mailbox.rawValue)", withIntermediateDirectories: true)
        }
        FTPServerAccount.handOver("\(root)/006400")
    }

    /// What the document calls `/srv/ftp`.
    private var root: String { directory.file("srv") }

    /// The blocks of code that follow the paragraph which begins so, with the places of this test in them.
    private func blocks(_ beginning: String, _ count: Int) throws -> [String] {
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docs/channels.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        let start = try #require(text.range(of: "\n\(beginning)"))
        let pieces = text[start.lowerBound...].components(separatedBy: "\n```\n")
        try #require(pieces.count > 2 * count)
        return (0..<count).map { number in
            pieces[2 * number + 1].replacingOccurrences(of: "/etc/", with: directory.path + "/")
                .replacingOccurrences(of: "/srv/ftp", with: root)
                .replacingOccurrences(of: ":990:990:", with: ":\(owner.user):\(owner.group):") + "\n"
        }
    }

    private func run(_ shell: String) throws {
        let command = try Command.run("/bin/sh", ["-ec", shell])
        try #require(command.status == 0, "\(command.errors)")
    }

    /// An empty file, or one with these bytes, that nobody but its owner may read.
    private func write(_ text: String = "", to name: String) throws {
        let path = directory.file(name)
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
            withIntermediateDirectories: true)
        try #require(
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
    }

    private func names(_ mailbox: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/006400/\(mailbox)").sorted()
    }

    /// One set in, and one answer out.
    private func poll(_ server: any FTPServerFixture, _ security: FTPServerSecurity) throws {
        let trust = CurlTrust(authoritiesFile: server.certificatePath)
        var settings = FTPFileServer.Settings(
            host: "127.0.0.1", port: server.port,
            security: security == .implicit ? .implicit(trust) : .explicit(trust))
        settings.connectTimeout = .seconds(60)
        settings.stallTimeout = .seconds(60)
        let sender = try #require(SenderNumber("006400"))
        let logIn = RemoteLogIn(user: "ecluse", proof: .password(Secret("SECRET")))
        let stand = InboxStand(
            over: FTPFileServer(settings),
            [InboxAccount(sender: sender, logIn: logIn, home: RemotePath("006400"))],
            Inbox.Configuration(name: "documented", channel: .ftp))
        for name in ["FI.\(stem).1", "FS.\(stem).1", "GO.\(stem)"] {
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(root)/006400/IN/\(name)"))
        }
        FTPServerAccount.handOver("\(root)/006400")
        let answer = stand.outbox.publish(to: sender)
        stand.look()
        #expect(
            stand.intake.sealed.map(\.files.count) == [2], "\(stand.log.lines(with: "")) \(server.log)")
        #expect(try names("IN").isEmpty)
        #expect(try names("OUT") == ["FO", "FS", "GO"].map { "\($0).\(answer)" })
    }

    // As documented it begins as root and gives that up at the log-in; who is not root cannot try it. CI is root.
    @Test(
        .enabled(if: ProFTPDServer.isAvailable && geteuid() == 0),
        arguments: [FTPServerSecurity.explicit, .implicit])
    func `ProFTPD as it is documented is polled`(security: FTPServerSecurity) throws {
        let blocks = try blocks("ProFTPD, ", 2)
        try write(to: "proftpd/accounts")
        try write("ecluse:x:\(owner.group):\n", to: "proftpd/groups")
        let identity = try TLSIdentity.mint(in: directory.file("proftpd"), name: "cert", key: .rsa)
        try FileManager.default.moveItem(atPath: identity.keyPath, toPath: directory.file("proftpd/key.pem"))
        try run(blocks[1])
        var text = blocks[0].replacingOccurrences(of: "\nPort 21\n", with: "\n")
        if security == .implicit {
            text = text.replacingOccurrences(of: "\nTLSOptions ", with: "\nTLSOptions UseImplicitSSL ")
        }
        let server = try ProFTPDServer(configuration: text, certificatePath: identity.certificatePath)
        defer { server.stop() }
        try poll(server, security)
    }

    @Test(.enabled(if: VsftpdServer.isAvailable))
    func `vsftpd as it is documented is polled`() throws {
        let blocks = try blocks("vsftpd, ", 3)
        try write(to: "vsftpd.accounts")
        try write(to: "vsftpd.users/EXPacme")
        let identity = try TLSIdentity.mint(in: directory.path, name: "cert", key: .rsa)
        try run("cat \(identity.certificatePath) \(identity.keyPath) > \(directory.file("vsftpd.pem"))")
        try run(blocks[2])
        // The package of the server makes this user, which is not on every machine.
        let text = blocks[1].replacingOccurrences(
            of: "\nguest_username=ftp\n", with: "\nguest_username=\(FTPServerAccount.ownerName)\n")
        let server = try VsftpdServer(
            configuration: text, service: blocks[0], certificatePath: identity.certificatePath)
        defer { server.stop() }
        try poll(server, .explicit)
    }
}
