/// The accounts as an FTP server reads them. A user's home is `<root>/<sender>`; nobody gets a shell.
///
/// A server knows nothing of the registry: whoever is blocked, removed or given another password is so there from the
/// next file on. No text of a sender is in it but its technical user, whose alphabet has no separator.
public struct FTPAccountFile: Sendable {
    public enum Server: String, Sendable, Hashable, CaseIterable {
        /// For `AuthUserFile`; `groupLine` for `AuthGroupFile`.
        case proftpd
        /// For pam_pwdfile, which knows no homes: `userConfiguration` for a file of each user in `user_config_dir`.
        case vsftpd
        /// For `pure-pw mkdb`.
        case pureFTPd = "pure-ftpd"
    }

    /// Whom the files of all senders belong to, as the server sees it.
    public struct Owner: Sendable, Hashable {
        public let uid: UInt32
        public let gid: UInt32

        /// Nil for root and its group, as whom no sender may act.
        public init?(uid: UInt32, gid: UInt32) {
            guard uid > 0, gid > 0 else { return nil }
            self.uid = uid
            self.gid = gid
        }
    }

    private let server: Server
    private let root: String
    private let owner: Owner

    /// Nil unless `root` is an absolute path without `.`, `..`, a colon or a control character in it.
    public init?(for server: Server, root: String, owner: Owner) {
        let elements = root.split(separator: "/", omittingEmptySubsequences: true)
        let isPlain = root.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x3A }
        guard root.hasPrefix("/"), isPlain, !elements.contains("."), !elements.contains("..") else {
            return nil
        }
        self.server = server
        self.root = elements.map { "/" + $0 }.joined()
        self.owner = owner
    }

    public func home(of account: FTPAccount) -> String {
        "\(root)/\(account.sender)"
    }

    /// The file, with the secret hashes in it, a line for each account.
    public func text(of accounts: [FTPAccount]) -> String {
        (head + accounts.map(line)).map { $0 + "\n" }.joined()
    }

    /// The group of all senders for ProFTPD's `AuthGroupFile`.
    public var groupLine: String { "ecluse:x:\(owner.gid):" }

    /// The settings of one user for vsftpd's `user_config_dir`, in a file named by the user.
    public func userConfiguration(of account: FTPAccount) -> String {
        "local_root=\(home(of: account))\n"
    }

    private var head: [String] {
        server == .proftpd ? ["# The line for AuthGroupFile: \(groupLine)"] : []
    }

    private func line(_ account: FTPAccount) -> String {
        let login = "\(account.user):\(account.hash.crypt)"
        let identity = "\(login):\(owner.uid):\(owner.gid):sender \(account.sender)"
        return switch server {
        case .proftpd: "\(identity):\(home(of: account)):/bin/false"
        case .vsftpd: login
        // `/./` ends what the user is locked into; twelve limits follow, none of them set.
        case .pureFTPd: "\(identity):\(home(of: account))/./" + String(repeating: ":", count: 12)
        }
    }
}
