internal import ArgumentParser
internal import Exchange
internal import Foundation
internal import Registry

struct FTPAccounts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ftp-accounts",
        abstract: "The accounts of the FTP server that stands before the daemon.",
        subcommands: [FTPAccountsExport.self])
}

struct FTPAccountsExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the accounts of the active senders with an FTP channel, for an FTP server to read.",
        discussion: """
            The server knows nothing of the registry: a sender that is blocked or removed, or whose password was changed \
            or ended, is let in until the file is written again. Run this after every change, and once a day. The file \
            holds the hashes of the passwords and is readable by its owner only.
            """)

    @OptionGroup var instance: InstanceOptions
    @Option(
        name: .customLong("for"), help: "The server: proftpd, vsftpd or pure-ftpd.",
        transform: FTPAccountsExport.server)
    var server: FTPAccountFile.Server
    @Option(help: "The directory of the homes; the home of a sender is DIR/NUMBER.") var homeRoot: String
    @Option(help: "The user the files of all senders belong to; without it, who runs this. Not root.")
    var uid =
        geteuid()
    @Option(help: "The group the files of all senders belong to.") var gid = getegid()
    @Option(help: "Days a password counts.") var passwordDays = Int(FTPPassword.life / 86_400)
    @Option(help: "The file to write, in one step; without it, standard output.") var output: String?
    @Option(help: "vsftpd: its user_config_dir, where a file with the home of each user is put.")
    var userConfig: String?
    @Flag(help: "Make the homes with their six directories.") var makeHomes = false

    private static func server(_ text: String) throws -> FTPAccountFile.Server {
        guard let server = FTPAccountFile.Server(rawValue: text) else {
            throw ValidationError("no such server: \(text)")
        }
        return server
    }

    func validate() throws {
        guard (1...3650).contains(passwordDays) else { throw ValidationError("--password-days is 1 to 3650") }
        guard userConfig == nil || server == .vsftpd else {
            throw ValidationError("--user-config is for vsftpd")
        }
    }

    func run() throws {
        guard let owner = FTPAccountFile.Owner(uid: uid, gid: gid) else {
            throw CommandFailure(.usage, "senders cannot act as root: give --uid and --gid")
        }
        guard let file = FTPAccountFile(for: server, root: homeRoot, owner: owner) else {
            throw CommandFailure(.usage, "--home-root is an absolute path without colons, '.' or '..'")
        }
        let accounts = try instance.open().registry()
            .ftpAccounts(at: Date(), passwordsLiving: Double(passwordDays) * 86_400)
        if makeHomes { for account in accounts { try HomeMaker(owner: owner).make(file.home(of: account)) } }
        if let userConfig {
            try FileManager.default.createDirectory(atPath: userConfig, withIntermediateDirectories: true)
        }
        for account in accounts {
            guard let userConfig else { break }
            let path = "\(userConfig)/\(account.user)"
            try PrivateFile.write(Array(file.userConfiguration(of: account).utf8), to: path)
        }
        let text = file.text(of: accounts)
        guard let output else { return print(text, terminator: "") }
        try PrivateFile.write(Array(text.utf8), to: output)
        Output.warn("\(accounts.count) accounts written to \(output)")
    }
}

/// Makes the home of a sender: its six directories belong to the senders' user, the home itself cannot be written, as
/// vsftpd demands of a directory that users are locked into.
private struct HomeMaker {
    let owner: FTPAccountFile.Owner

    func make(_ home: String) throws {
        let directories = Mailbox.allCases.map { "\(home)/\($0.rawValue)" }
        guard directories.contains(where: { access($0, F_OK) != 0 }) else { return }
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        chmod(home, 0o750)
        for directory in directories {
            guard mkdir(directory, 0o770) == 0 || errno == EEXIST else { throw fault(directory) }
            try handOver(directory, mode: 0o770)
        }
        try handOver(home, mode: 0o550)
    }

    /// Only root can give a directory away; anybody else makes homes for the user that it is itself.
    private func handOver(_ path: String, mode: mode_t) throws {
        let isMine = owner.uid == geteuid() && owner.gid == getegid()
        guard isMine || lchown(path, owner.uid, owner.gid) == 0, chmod(path, mode) == 0 else {
            throw fault(path)
        }
    }

    private func fault(_ path: String) -> CommandFailure {
        CommandFailure(.failed, "\(path): \(String(cString: strerror(errno)))")
    }
}
