internal import Foundation
internal import Glibc

/// ProFTPD with users from a file of its own. As root its users are confined to their homes and act as
/// `FTPServerAccount.owner`; as anybody else it needs nothing, but `/` is that of the machine.
public final class ProFTPDServer: FTPServerFixture {
    public let port: Int
    public let certificatePath: String?
    private let directory: ServerDirectory
    private let process: ServerProcess

    /// Tests of it are left out without it, unless none may be.
    public static var isAvailable: Bool { ServerTool.isRequired || (try? root()) != nil }

    public convenience init(
        users: [FTPServerAccount], security: FTPServerSecurity, extra: String = ""
    ) throws {
        let owner = FTPServerAccount.owner
        let lines = users.map {
            "\($0.name):\($0.passwordHash):\(owner.user):\(owner.group)::\($0.home):/usr/sbin/nologin\n"
        }
        for user in users { FTPServerAccount.handOver(user.home) }
        let directory = try ServerDirectory()
        let file = try directory.write(lines.joined(), to: "accounts")
        try self.init(directory, accountFile: file, security, extra)
    }

    /// With a ready-made file of lines `name:hash:uid:gid:gecos:home:shell`, which nobody but its owner may read.
    /// The homes belong to these users already. `extra` is added to the configuration.
    public convenience init(
        accountFile: String, security: FTPServerSecurity, extra: String = ""
    ) throws {
        try self.init(ServerDirectory(), accountFile: accountFile, security, extra)
    }

    private convenience init(
        _ directory: ServerDirectory, accountFile: String, _ security: FTPServerSecurity, _ extra: String
    ) throws {
        let identity = security == .none ? nil : try TLSIdentity.mint(in: directory.path)
        let text = ProFTPDServer.configuration(
            directory: directory.path, accountFile: accountFile, security: security)
        try self.init(directory, identity?.certificatePath, text + extra + "\n")
    }

    /// With a configuration for a server of its own, which knows neither ports nor where things are on this machine.
    public convenience init(configuration: String, certificatePath: String?) throws {
        try self.init(ServerDirectory(), certificatePath, configuration)
    }

    private init(_ directory: ServerDirectory, _ certificatePath: String?, _ configuration: String) throws {
        self.directory = directory
        self.certificatePath = certificatePath
        port = freePort()
        let root = try ProFTPDServer.root()
        let text = ProFTPDServer.place(root: root, directory: directory.path, port: port) + configuration
        let file = try directory.write(text, to: "proftpd.conf")
        process = try ServerProcess(
            root + ProFTPDServer.program, ["--nodaemon", "--quiet", "--config", file],
            log: directory.path + "/output")
        try process.awaitPort(port)
    }

    public var log: String {
        process.log + ((try? String(contentsOfFile: directory.path + "/log", encoding: .utf8)) ?? "")
    }

    public func stop() { process.stop() }

    private static let program = "/usr/sbin/proftpd"

    private static func root() throws -> String { try ServerTool.root(of: "proftpd-core", with: program) }

    /// Ports, and where things are.
    private static func place(root: String, directory: String, port: Int) -> String {
        let passive = ServerTool.passivePorts()
        // mod_tls comes in a package of its own.
        let modules = root.isEmpty ? "" : root + "/../proftpd-mod-crypto"
        return """
            ModulePath \(modules)/usr/lib/proftpd
            DefaultAddress 127.0.0.1
            Port \(port)
            PassivePorts \(passive.lowerBound) \(passive.upperBound)
            UseReverseDNS off
            UseIPv6 off
            WtmpLog off
            ControlsEngine off
            PidFile \(directory)/pid
            ScoreboardFile \(directory)/scoreboard
            DelayEngine off
            SystemLog \(directory)/log

            """
    }

    private static func configuration(
        directory: String, accountFile: String, security: FTPServerSecurity
    ) -> String {
        """
        ServerName test
        ServerType standalone
        \(identity)

        AuthOrder mod_auth_file.c
        AuthUserFile \(accountFile)
        RequireValidShell off
        AllowOverwrite on
        AllowStoreRestart on
        AllowRetrieveRestart on
        \(tls(security, directory))

        """
    }

    /// As whom it works: it gives up being root, or has to name whom it runs as already.
    private static var identity: String {
        guard geteuid() != 0 else { return "User nobody\nGroup nogroup\nDefaultRoot ~" }
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "nobody"
        let group = getgrgid(getegid()).map { String(cString: $0.pointee.gr_name) } ?? "nogroup"
        return "User \(user)\nGroup \(group)"
    }

    private static func tls(_ security: FTPServerSecurity, _ directory: String) -> String {
        guard security != .none else { return "" }
        return """
            LoadModule mod_tls.c
            TLSEngine on
            TLSRequired on
            TLSProtocol TLSv1.2 TLSv1.3
            TLSECCertificateFile \(directory)/server.pem
            TLSECCertificateKeyFile \(directory)/server.key
            TLSLog \(directory)/tls.log
            \(security == .implicit ? "TLSOptions UseImplicitSSL" : "")
            """
    }
}
