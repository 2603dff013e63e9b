internal import Foundation
internal import Glibc

/// Pure-FTPd with virtual users. It only runs as root; its users are confined to their homes and act as
/// `FTPServerAccount.owner`. It has no implicit TLS.
public final class PureFTPDServer: FTPServerFixture {
    public let port: Int
    public let certificatePath: String?
    private let directory: ServerDirectory
    private let process: ServerProcess

    /// Tests of it are left out without it, unless none may be; it cannot run but as root.
    public static var isAvailable: Bool { geteuid() == 0 && (ServerTool.isRequired || (try? root()) != nil) }

    public convenience init(
        users: [FTPServerAccount], security: FTPServerSecurity, extra: [String] = []
    ) throws {
        let owner = FTPServerAccount.owner
        let lines = users.map {
            "\($0.name):\($0.passwordHash):\(owner.user):\(owner.group)::\($0.home)/./::::::::::::\n"
        }
        for user in users { FTPServerAccount.handOver(user.home) }
        let directory = try ServerDirectory()
        let file = try directory.write(lines.joined(), to: "accounts")
        try self.init(directory, accountFile: file, security, extra)
    }

    /// With a ready-made file of lines `name:hash:uid:gid::home/./::::::::::::`. The homes belong to these users
    /// already, none of whom is root. `extra` are further words of the command line.
    public convenience init(
        accountFile: String, security: FTPServerSecurity, extra: [String] = []
    ) throws {
        try self.init(ServerDirectory(), accountFile: accountFile, security, extra)
    }

    private init(
        _ directory: ServerDirectory, accountFile: String, _ security: FTPServerSecurity,
        _ extra: [String]
    ) throws {
        guard security != .implicit else { throw ServerProcess.Fault("Pure-FTPd has no implicit TLS.") }
        self.directory = directory
        port = freePort()
        let identity = security == .none ? nil : try TLSIdentity.mint(in: directory.path)
        certificatePath = identity?.certificatePath
        let root = try PureFTPDServer.root()
        let database = directory.path + "/accounts.pdb"
        try ServerTool.run(
            root + "/usr/bin/pure-pw", ["mkdb", database, "-f", accountFile], in: directory.path)
        let passive = ServerTool.passivePorts()
        let words = [
            "--login", "puredb:\(database)", "--bind", "127.0.0.1,\(port)",
            "--passiveportrange", "\(passive.lowerBound):\(passive.upperBound)",
            "--chrooteveryone", "--noanonymous", "--dontresolve", "--minuid", "1",
            "--syslogfacility", "none", "--altlog", "clf:\(directory.path)/log",
            "--pidfile", "\(directory.path)/pid",
            "--limitrecursion", "200000:8", "--maxclientsperip", "40", "--maxclientsnumber", "40",
        ]
        let tls = identity.map { ["--tls", "3", "--certfile", "\($0.certificatePath),\($0.keyPath)"] } ?? []
        process = try ServerProcess(
            root + PureFTPDServer.program, words + tls + extra, log: directory.path + "/output")
        try process.awaitPort(port)
    }

    public var log: String {
        process.log + ((try? String(contentsOfFile: directory.path + "/log", encoding: .utf8)) ?? "")
    }

    public func stop() { process.stop() }

    private static let program = "/usr/sbin/pure-ftpd"

    private static func root() throws -> String { try ServerTool.root(of: "pure-ftpd", with: program) }
}
