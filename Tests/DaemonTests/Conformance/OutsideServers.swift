import Exchange
import Foundation
import TestServers

/// Other people's file servers, started for one instance that polls them: vsftpd without TLS, ProFTPD with explicit
/// TLS, OpenSSH. The daemon logs in with one account that sees every sender's home below one folder.
final class OutsideServers: Sendable {
    let scratch: Scratch
    private let ftp: VsftpdServer
    private let ftps: ProFTPDServer
    private let ssh: OpenSSHServer
    private let hostKey: String

    private static let password = "Polled-by-Ecluse-1"

    /// Numbers of the senders each server is polled for: none is polled at two.
    static func numbers(on route: Route) -> ClosedRange<Int>? {
        switch route {
        case .polledFTP: 6900...6949
        case .polledFTPS: 7000...7049
        case .polledSFTP: 7100...7149
        case .sftp, .folder, .web: nil
        }
    }

    /// - Parameters:
    ///   - removing: whether the servers let files be removed.
    ///   - place: where the homes of others lie, which these serve then, too.
    init(removing: Bool = true, over place: Scratch? = nil) throws {
        scratch = try place ?? Scratch()
        let password = OutsideServers.password
        _ = try scratch.write(Array((password + "\n").utf8), to: "password")
        ftp = try VsftpdServer(
            users: [FTPServerAccount(name: "ecluse", password: password, home: scratch.folder("ftp"))],
            security: .none, extra: removing ? "" : "cmds_denied=DELE")
        ftps = try ProFTPDServer(
            users: [FTPServerAccount(name: "ecluse", password: password, home: scratch.folder("ftps"))],
            security: .explicit, extra: removing ? "" : "<Limit DELE>\nDenyAll\n</Limit>")
        if place == nil {
            try Program.need(
                "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", scratch.file("poller")])
        }
        var options = OpenSSHServer.Options()
        options.removes = removing
        ssh = try OpenSSHServer(options)
        try ssh.authorise(scratch.file("poller.pub"))
        hostKey = try ssh.fingerprint()
        _ = try scratch.folder("sftp")
    }

    /// The folder in which the homes of a route's senders lie.
    func root(of route: Route) -> String {
        switch route {
        case .polledFTP: scratch.file("ftp")
        case .polledFTPS: scratch.file("ftps")
        case .polledSFTP: scratch.file("sftp")
        case .sftp, .folder, .web: ""
        }
    }

    /// What the configuration of the instance must say.
    var changes: [Instance.Change] {
        [
            (
                "servers: {} ",
                """
                servers:
                  plain:
                    url: ftp://127.0.0.1:\(ftp.port)
                    plaintext: allowed
                    user: ecluse
                    password: \(scratch.file("password"))
                    stallTime: 20 s
                  tls:
                    url: ftp://127.0.0.1:\(ftps.port)
                    authorities: \(ftps.certificatePath ?? "")
                    user: ecluse
                    password: \(scratch.file("password"))
                    stallTime: 20 s
                  ssh:
                    url: sftp://127.0.0.1:\(ssh.port)
                    user: \(ssh.user)
                    identity: \(scratch.file("poller"))
                    hostKeys: ["\(hostKey)"]
                #
                """
            ),
            (
                "inboxes: {} ",
                """
                inboxes:
                  plain: { channel: ftp, home: "{sender}", interval: 50 ms, senders: \(list(.polledFTP)) }
                  tls: { channel: ftp, home: "{sender}", interval: 50 ms, senders: \(list(.polledFTPS)) }
                  ssh: { channel: sftp, home: "\(scratch.file("sftp"))/{sender}", interval: 50 ms, senders: \(list(.polledSFTP)) }
                #
                """
            ),
        ]
    }

    /// What the configuration must say when others serve the same homes.
    func changes(to others: OutsideServers) -> [Instance.Change] {
        [
            ("127.0.0.1:\(ftp.port)\n", "127.0.0.1:\(others.ftp.port)\n"),
            ("127.0.0.1:\(ftps.port)\n", "127.0.0.1:\(others.ftps.port)\n"),
            ("127.0.0.1:\(ssh.port)\n", "127.0.0.1:\(others.ssh.port)\n"),
            (ftps.certificatePath ?? "", others.ftps.certificatePath ?? ""), (hostKey, others.hostKey),
        ]
    }

    /// Has a client that its people use do these commands, one after the other, all of which must succeed.
    func client(_ route: Route, _ commands: [String]) throws {
        guard route != .polledSFTP else {
            try Program.need(
                "sftp",
                [
                    "-F", "/dev/null", "-i", scratch.file("poller"), "-o", "IdentitiesOnly=yes", "-o",
                    "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-P", "\(ssh.port)",
                    "-b", "-",
                    "\(ssh.user)@127.0.0.1",
                ], input: (["cd \(root(of: route))"] + commands).joined(separator: "\n") + "\n")
            return
        }
        let settings = [
            "set cmd:fail-exit yes", "set net:max-retries 2", "set ftp:ssl-force \(route == .polledFTPS)",
            "set ftp:ssl-protect-data true", "set ssl:ca-file \"\(ftps.certificatePath ?? "")\"",
            "open -u ecluse,\(OutsideServers.password) ftp://127.0.0.1:\(route == .polledFTPS ? ftps.port : ftp.port)",
        ]
        try Program.need("lftp", ["--norc", "-c", (settings + commands).joined(separator: "; ")])
    }

    private func list(_ route: Route) -> String {
        let numbers = OutsideServers.numbers(on: route).map { Array($0) } ?? []
        return "[" + numbers.map { "\"00\($0)\"" }.joined(separator: ", ") + "]"
    }

    /// The six directories of a sender, as the owner of the server makes them.
    func makeHome(of number: String, on route: Route) throws -> String {
        let home = root(of: route) + "/" + number
        for mailbox in Mailbox.allCases {
            try FileManager.default.createDirectory(
                atPath: "\(home)/\(mailbox.rawValue)", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o777])
        }
        return home
    }
}
