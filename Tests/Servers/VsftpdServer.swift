internal import Foundation
internal import Glibc

/// vsftpd with virtual users, whose passwords pam_pwdfile reads from a file (Debian's libpam-pwdfile). It only runs as
/// root; its users are confined to their homes and act as `FTPServerAccount.owner`. A C compiler is needed: the PAM
/// service lives in the server's own directory, not in `/etc/pam.d`, and vsftpd does not know how to ask for that.
public final class VsftpdServer: FTPServerFixture {
    public let port: Int
    public let certificatePath: String?
    private let directory: ServerDirectory
    private let process: ServerProcess

    /// Tests of it are left out without it, unless none may be; it cannot run but as root.
    public static var isAvailable: Bool {
        geteuid() == 0 && (ServerTool.isRequired || hasModule && (try? root()) != nil)
    }

    private static var hasModule: Bool {
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/lib"].contains {
            access($0 + "/security/pam_pwdfile.so", R_OK) == 0
        }
    }

    public convenience init(
        users: [FTPServerAccount], security: FTPServerSecurity, extra: String = ""
    ) throws {
        let directory = try ServerDirectory()
        let file = try directory.write(
            users.map { "\($0.name):\($0.passwordHash)\n" }.joined(), to: "accounts")
        for user in users { FTPServerAccount.handOver(user.home) }
        let homes = Dictionary(users.map { ($0.name, $0.home) }) { $1 }
        try self.init(directory, accountFile: file, homes: homes, security, extra)
    }

    /// With a ready-made file of lines `name:hash`. `homes` are the directories of its users, which belong to
    /// `FTPServerAccount.owner` already. `extra` is added to the configuration.
    public convenience init(
        accountFile: String, homes: [String: String], security: FTPServerSecurity, extra: String = ""
    ) throws {
        try self.init(ServerDirectory(), accountFile: accountFile, homes: homes, security, extra)
    }

    private convenience init(
        _ directory: ServerDirectory, accountFile: String, homes: [String: String],
        _ security: FTPServerSecurity, _ extra: String
    ) throws {
        let identity = security == .none ? nil : try TLSIdentity.mint(in: directory.path)
        for (name, home) in homes { _ = try directory.write("local_root=\(home)\n", to: "users/\(name)") }
        let text = VsftpdServer.configuration(directory: directory.path, security: security)
        try self.init(
            directory, identity?.certificatePath, text + extra + "\n", VsftpdServer.service(accountFile))
    }

    /// With a configuration for a server of its own, which knows neither ports nor where things are on this machine, and
    /// the PAM service it names `vsftpd`.
    public convenience init(configuration: String, service: String, certificatePath: String?) throws {
        try self.init(ServerDirectory(), certificatePath, configuration, service)
    }

    private init(
        _ directory: ServerDirectory, _ certificatePath: String?, _ configuration: String, _ service: String
    ) throws {
        self.directory = directory
        self.certificatePath = certificatePath
        port = freePort()
        _ = try directory.makeDirectory("empty")
        _ = try directory.write(service, to: "pam/vsftpd")
        let text = VsftpdServer.place(directory: directory.path, port: port) + configuration
        let file = try directory.write(text, to: "vsftpd.conf")
        let library = try VsftpdServer.library(in: directory)
        process = try ServerProcess(
            VsftpdServer.root() + VsftpdServer.program, [file], log: directory.path + "/output",
            environment: ["LD_PRELOAD": library, "PAM_DIRECTORY": directory.path + "/pam"])
        try process.awaitPort(port)
    }

    public var log: String {
        process.log + ((try? String(contentsOfFile: directory.path + "/log", encoding: .utf8)) ?? "")
    }

    public func stop() { process.stop() }

    private static let program = "/usr/sbin/vsftpd"

    private static func root() throws -> String { try ServerTool.root(of: "vsftpd", with: program) }

    private static func service(_ accountFile: String) -> String {
        """
        auth    required pam_pwdfile.so pwdfile=\(accountFile)
        account required pam_permit.so

        """
    }

    /// Answers `pam_start` with the services of the directory named in the environment.
    private static func library(in directory: ServerDirectory) throws -> String {
        let source = try directory.write(
            """
            #include <stdlib.h>
            int pam_start_confdir(const char *, const char *, const void *, const char *, void **);
            int pam_start(const char *service, const char *user, const void *talk, void **handle)
            {
                return pam_start_confdir(service, user, talk, getenv("PAM_DIRECTORY"), handle);
            }

            """, to: "pam.c")
        let library = directory.path + "/pam.so"
        try ServerTool.run(
            ServerTool.find(["clang", "cc", "gcc"]), ["-shared", "-fPIC", "-o", library, source],
            in: directory.path)
        return library
    }

    /// Ports, and where things are.
    private static func place(directory: String, port: Int) -> String {
        let passive = ServerTool.passivePorts()
        return """
            listen_address=127.0.0.1
            listen_port=\(port)
            pasv_min_port=\(passive.lowerBound)
            pasv_max_port=\(passive.upperBound)
            seccomp_sandbox=NO
            secure_chroot_dir=\(directory)/empty
            vsftpd_log_file=\(directory)/log
            xferlog_enable=YES
            xferlog_std_format=NO
            log_ftp_protocol=YES

            """
    }

    private static func configuration(directory: String, security: FTPServerSecurity) -> String {
        """
        listen=YES
        background=NO
        anonymous_enable=NO
        local_enable=YES
        write_enable=YES
        guest_enable=YES
        virtual_use_local_privs=YES
        guest_username=\(FTPServerAccount.ownerName)
        chroot_local_user=YES
        allow_writeable_chroot=YES
        pam_service_name=vsftpd
        user_config_dir=\(directory)/users
        local_umask=077
        \(tls(security, directory))

        """
    }

    private static func tls(_ security: FTPServerSecurity, _ directory: String) -> String {
        guard security != .none else { return "" }
        return """
            ssl_enable=YES
            implicit_ssl=\(security == .implicit ? "YES" : "NO")
            force_local_logins_ssl=YES
            force_local_data_ssl=YES
            require_ssl_reuse=YES
            ssl_tlsv1=YES
            ssl_ciphers=HIGH
            rsa_cert_file=\(directory)/server.pem
            rsa_private_key_file=\(directory)/server.key
            """
    }
}
