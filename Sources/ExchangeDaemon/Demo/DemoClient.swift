internal import Exchange
internal import Foundation

/// OpenSSH's `sftp` in the hands of a sender.
struct DemoClient {
    let sender: DemoCast.Member
    let host: String
    let port: String
    let knownHosts: String

    private func batch(_ commands: [String]) throws -> String {
        try ExternalProgram("sftp").run(
            [
                "-b", "-", "-q", "-P", port, "-i", sender.identity, "-o", "IdentitiesOnly=yes", "-o",
                "BatchMode=yes",
                "-o", "UserKnownHostsFile=\(knownHosts)", "-o", "StrictHostKeyChecking=yes",
                "\(sender.user)@\(host)",
            ],
            input: commands.joined(separator: "\n") + "\n")
    }

    /// Uploads the files in their order.
    func put(_ files: [String], into mailbox: Mailbox) throws {
        _ = try batch(["cd \(mailbox.rawValue)"] + files.map { "put \($0)" })
    }

    /// The names in an outgoing directory.
    func list(_ mailbox: Mailbox) throws -> [String] {
        try batch(["ls -1 \(mailbox.rawValue)"]).split(separator: "\n").filter { !$0.hasPrefix("sftp>") }
            .map { String($0.split(separator: "/").last ?? $0).trimmingCharacters(in: .whitespaces) }
    }

    func get(_ files: [String], from mailbox: Mailbox, into folder: URL) throws {
        _ = try batch(["cd \(mailbox.rawValue)", "lcd \(folder.path)"] + files.map { "get \($0)" })
    }
}
