internal import Foundation
public import Glibc

/// A user of a real FTP server under test.
public struct FTPServerAccount: Sendable {
    public let name: String
    /// In the form of crypt(3), SHA-512: `$6$…`.
    public let passwordHash: String
    /// An existing directory, which the server gives the user as `/` where it can.
    public let home: String

    public init(name: String, passwordHash: String, home: String) {
        self.name = name
        self.passwordHash = passwordHash
        self.home = home
    }

    public init(name: String, password: String, home: String) throws {
        let directory = try ServerDirectory()
        let input = try directory.write(password + "\n", to: "password")
        try ServerTool.run(
            "/bin/sh",
            ["-c", "\"$0\" passwd -6 -in \"$1\" > \"$1.hash\"", ServerTool.find(["openssl"]), input],
            in: directory.path)
        let hash = try String(contentsOfFile: input + ".hash", encoding: .utf8)
        self.init(
            name: name, passwordHash: hash.trimmingCharacters(in: .whitespacesAndNewlines), home: home)
    }

    /// Whom the files of all users belong to: a user without rights when the tests run as root, which servers do not
    /// let in, and whoever runs the tests otherwise.
    public static let owner: (user: uid_t, group: gid_t) = {
        guard geteuid() == 0 else { return (geteuid(), getegid()) }
        return getpwnam(ownerName).map { ($0.pointee.pw_uid, $0.pointee.pw_gid) } ?? (1, 1)
    }()

    /// With an existing home directory of its own, without which vsftpd takes no guests.
    public static let ownerName = "daemon"

    /// Gives a directory and all in it to `owner`, and lets everybody pass through those above it that belong to the
    /// tests, as its owner must. Files a test puts into a home as root need it too.
    public static func handOver(_ directory: String) {
        guard geteuid() == 0 else { return }
        lchown(directory, owner.user, owner.group)
        for name in FileManager.default.enumerator(atPath: directory) ?? .init() {
            lchown("\(directory)/\(name)", owner.user, owner.group)
        }
        var above = URL(fileURLWithPath: directory).deletingLastPathComponent().path
        while above != "/" {
            var facts = stat()
            guard stat(above, &facts) == 0 else { return }
            if facts.st_mode & 0o001 == 0 { chmod(above, facts.st_mode & 0o7777 | 0o011) }
            above = URL(fileURLWithPath: above).deletingLastPathComponent().path
        }
    }
}

/// What of a session at a real FTP server is under TLS.
public enum FTPServerSecurity: String, Sendable, CaseIterable {
    /// Everything, after `AUTH TLS`; nobody logs in without.
    case explicit
    /// Everything from the first byte.
    case implicit
    case none
}

/// A real FTP server at a free port of the loopback address.
public protocol FTPServerFixture: AnyObject, Sendable {
    var port: Int { get }
    /// The certificate it shows, signed with its own key; nil without TLS.
    var certificatePath: String? { get }
    /// What it wrote until now, for people.
    var log: String { get }
    /// Ends it. Harmless when repeated, and done when it is forgotten.
    func stop()
}
