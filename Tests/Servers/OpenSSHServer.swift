internal import Foundation

/// OpenSSH's own server on the loopback address, with keys and files in a directory of its own, for SFTP only. The
/// user is the one who runs the tests; paths begin in `home`. It ends with its owner.
public final class OpenSSHServer: Sendable {
    public struct Options: Sendable {
        /// As `ssh-keygen -t` names them.
        public var hostKeyKinds = ["ed25519"]
        /// Whether `posix-rename@openssh.com` is offered.
        public var renamesInPlace = true
        /// Whether `fsync@openssh.com` is offered.
        public var syncs = true
        /// Whether files can be removed.
        public var removes = true
        /// The public key of an authority whose user certificates are taken.
        public var userAuthority: String?
        /// More lines of `sshd_config`.
        public var more: [String] = []

        public init() {}
    }

    private static let program = "/usr/sbin/sshd"

    /// Tests of it are left out without it, unless none may be.
    public static var isInstalled: Bool { ServerTool.isRequired || access(program, X_OK) == 0 }

    public let port: Int
    public let user: String
    /// Where paths begin; kept when the server ends if it was given.
    public let home: String
    /// A file of known hosts with all its keys, under 127.0.0.1 and its port.
    public let knownHosts: String
    private let directory: ServerDirectory
    private let process: ServerProcess

    /// Starts a server and returns when it answers. Without `home` it has an empty directory.
    public init(home: String? = nil, _ options: Options = Options()) throws {
        directory = try ServerDirectory()
        self.home = try home ?? directory.makeDirectory("home")
        user = NSUserName()
        var hostKeys: [String] = []
        for kind in options.hostKeyKinds {
            let key = directory.path + "/host_" + kind
            try OpenSSHServer.makeKey(key, kind: kind)
            hostKeys.append(try String(contentsOfFile: key + ".pub", encoding: .utf8))
        }
        _ = try directory.write("", to: "authorized_keys")
        // Where root runs sshd it wants this one.
        if getuid() == 0 { mkdir("/run/sshd", 0o755) }
        (process, port) = try OpenSSHServer.start(self.home, in: directory, options)
        let port = port
        knownHosts = try directory.write(
            hostKeys.map { "[127.0.0.1]:\(port) \($0)" }.joined(), to: "known_hosts")
    }

    deinit { breakConnections() }

    /// What it has said so far.
    public var log: String { process.log }

    /// `SHA256:…` of the host key of a kind.
    public func fingerprint(_ kind: String = "ed25519") throws -> String {
        try OpenSSHServer.fingerprint(of: directory.path + "/host_\(kind).pub")
    }

    /// Lets a public key in.
    public func authorise(_ publicKeyFile: String) throws {
        let keys = directory.path + "/authorized_keys"
        let old = try String(contentsOfFile: keys, encoding: .utf8)
        let new = try String(contentsOfFile: publicKeyFile, encoding: .utf8)
        _ = try directory.write(old + new, to: "authorized_keys")
    }

    /// Ends all connections without a word.
    public func breakConnections() {
        OpenSSHSessions.signal(SIGKILL, from: process.pid)
    }

    /// Keeps all connections open and silent from here on.
    public func freezeConnections() {
        OpenSSHSessions.signal(SIGSTOP, from: process.pid)
    }

    /// Tries another port when someone else has taken the first meanwhile.
    private static func start(
        _ home: String, in directory: ServerDirectory, _ options: Options
    ) throws -> (ServerProcess, Int) {
        var fault: (any Error)?
        for _ in 0..<5 {
            let port = freePort()
            let text = configuration(port, home, in: directory.path, options)
            let file = try directory.write(text, to: "sshd_config")
            let process = try ServerProcess(
                program, ["-D", "-e", "-f", file], log: directory.path + "/log.\(port)")
            do {
                try process.awaitPort(port)
                if process.isRunning { return (process, port) }
            } catch {
                fault = error
            }
        }
        throw fault ?? ServerProcess.Fault("no port for sshd")
    }

    private static func configuration(
        _ port: Int, _ home: String, in directory: String, _ options: Options
    ) -> String {
        let switchedOff =
            (options.renamesInPlace ? [] : ["posix-rename"]) + (options.syncs ? [] : ["fsync"])
            + (options.removes ? [] : ["remove"])
        let denied = switchedOff.isEmpty ? "" : " -P " + switchedOff.joined(separator: ",")
        let command = "internal-sftp -d \(home)\(denied)"
        let lines =
            [
                "Port \(port)", "ListenAddress 127.0.0.1", "PidFile none", "LogLevel VERBOSE",
                "AuthorizedKeysFile \(directory)/authorized_keys", "StrictModes no", "UsePAM no",
                "PermitRootLogin yes", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
                "MaxStartups 200", "UseDNS no", "Subsystem sftp \(command)", "ForceCommand \(command)",
            ] + options.hostKeyKinds.map { "HostKey \(directory)/host_\($0)" }
            + (options.userAuthority.map { ["TrustedUserCAKeys \($0)"] } ?? []) + options.more
        return lines.joined(separator: "\n") + "\n"
    }
}
