internal import Foundation
internal import Validation

/// ProFTPD under TLS, as it may stand before the daemon: its accounts are those `ecluse ftp-accounts export` writes, and
/// the daemon polls it like anybody's.
final class DemoFTPServer {
    let port: UInt16
    private let folder: URL
    private let files: ProFTPDFiles

    /// The certificate it shows, signed with its own key.
    var certificate: String { folder.appendingPathComponent("server.pem").path }
    private var key: String { folder.appendingPathComponent("server.key").path }
    private var accounts: String { folder.appendingPathComponent("accounts").path }
    /// The file with the number of its process.
    private var process: String { folder.appendingPathComponent("pid").path }
    private var log: String { folder.appendingPathComponent("proftpd.log").path }

    /// Takes a free port and makes the certificate; `start` does the rest.
    init(_ files: ProFTPDFiles, in folder: URL) throws {
        self.files = files
        self.folder = folder
        port = try DemoFTPServer.freePort()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = try CertificateMint.key(.p256)
        var request = CertificateMint.Request(
            commonName: "Demo FTP server", notBefore: Date() - 300, notAfter: Date() + 86_400)
        request.hosts = ["127.0.0.1"]
        try PrivateFile.write(try key.pem(), to: self.key)
        try Data(CertificateMint.pem(CertificateMint.certificate(request, key: key)))
            .write(to: URL(fileURLWithPath: certificate))
    }

    /// Whom all files of senders belong to: senders cannot act as root.
    private static var owner: (user: uid_t, group: gid_t) {
        geteuid() == 0 ? (65_534, 65_534) : (geteuid(), getegid())
    }

    /// Exports the accounts of the instance and serves them.
    func start(for configuration: String) throws {
        let owner = DemoFTPServer.owner
        // Root's ProFTPD serves as another user, who must get to the homes.
        if geteuid() == 0 { chmod(folder.deletingLastPathComponent().path, 0o711) }
        try ExternalProgram.ecluse.run([
            "ftp-accounts", "export", "--config", configuration, "--for", "proftpd", "--home-root",
            folder.appendingPathComponent("homes").path, "--make-homes", "--uid", "\(owner.user)", "--gid",
            "\(owner.group)", "--output", accounts,
        ])
        let file = folder.appendingPathComponent("proftpd.conf")
        try settings.write(to: file, atomically: true, encoding: .utf8)
        // It goes to the background, in a session of its own, once it listens.
        try ExternalProgram(files.program).run(["--quiet", "--config", file.path])
    }

    /// Ends it with all its connections.
    func stop() {
        guard let text = try? String(contentsOfFile: process, encoding: .utf8),
            let leader = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), leader > 1
        else { return }
        kill(-leader, SIGKILL)
    }

    private var settings: String {
        let passive = Int.random(in: 20_000..<32_000)
        let identity =
            geteuid() == 0 ? "User nobody\nGroup nogroup\nDefaultRoot ~" : "User \(NSUserName())"
        return """
            ModulePath \(files.modules)
            LoadModule mod_tls.c
            ServerName demo
            ServerType standalone
            DefaultAddress 127.0.0.1
            Port \(port)
            PassivePorts \(passive) \(passive + 60)
            UseReverseDNS off
            UseIPv6 off
            WtmpLog off
            ControlsEngine off
            DelayEngine off
            PidFile \(process)
            ScoreboardFile \(folder.path)/scoreboard
            SystemLog \(log)
            \(identity)
            AuthOrder mod_auth_file.c
            AuthUserFile \(accounts)
            RequireValidShell off
            AllowOverwrite on
            AllowStoreRestart on
            AllowRetrieveRestart on
            TLSEngine on
            TLSRequired on
            TLSProtocol TLSv1.2 TLSv1.3
            TLSECCertificateFile \(certificate)
            TLSECCertificateKeyFile \(key)
            TLSOptions UseImplicitSSL

            """
    }

    /// A port nobody has at this moment.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isKnown else { throw CommandFailure(.failed, "no free port on the loopback address") }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// Where ProFTPD and its modules lie.
struct ProFTPDFiles {
    let program: String
    let modules: String

    /// Nil when it is neither installed nor unpacked below `folder`, in directories named by Debian's packages.
    init?(unpackedIn folder: String?) {
        let unpacked = folder.map { URL(fileURLWithPath: $0).path }
        let places = [
            unpacked.map {
                ("\($0)/proftpd-core/usr/sbin/proftpd", "\($0)/proftpd-mod-crypto/usr/lib/proftpd")
            },
            ("/usr/sbin/proftpd", "/usr/lib/proftpd"),
        ]
        guard
            let (program, modules) = places.compactMap({ $0 }).first(where: { place in
                access(place.0, X_OK) == 0 && access(place.1 + "/mod_tls.so", R_OK) == 0
            })
        else { return nil }
        self.program = program
        self.modules = modules
    }
}
