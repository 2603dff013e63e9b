import Exchange
import Foundation
import Synchronization

/// OpenSSH's `sftp` in the hands of a sender: one session that stays open.
final class SFTPClient: SenderChannel {
    let instance: Instance
    let sender: Sender
    private let program: RunningProgram
    private let commands: Int32
    private let place: Scratch
    private let count = Mutex(0)

    init(_ instance: Instance, _ sender: Sender) throws {
        self.instance = instance
        self.sender = sender
        place = try Scratch()
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw Program.Fault(description: "no socket pair")
        }
        commands = ends[0]
        program = try RunningProgram(
            "sftp",
            OpenSSH.options(instance, sender) + [
                "-P", "\(instance.port)", "-b", "-", "\(sender.user)@127.0.0.1",
            ],
            input: FileHandle(fileDescriptor: ends[1], closeOnDealloc: true))
    }

    deinit {
        close(commands)
        program.kill()
    }

    /// Waits for the end of the session; false when it did not end. The program itself waits for its next command
    /// and does not end, but the `ssh` it runs does.
    func ends(within limit: TimeInterval) -> Bool {
        eventually(within: limit) { !program.hasChildren }
    }

    private var complaints: String { OpenSSH.withoutGreeting(program.errors) }

    /// Gives one command and returns what it printed; throws what it complained of.
    @discardableResult
    func command(_ line: String) throws -> String {
        try count.withLock { count in
            let (printed, complained) = (program.output, complaints)
            let text = Array("-\(line)\nlpwd\n".utf8)
            guard Glibc.send(commands, text, text.count, Int32(MSG_NOSIGNAL)) == text.count else {
                throw Program.Fault(description: "the session has ended: \(program.errors)")
            }
            count += 1
            let marks = count
            _ = eventually(every: 0.003) {
                program.output.components(separatedBy: "\nLocal working directory:").count > marks
                    || !program.isRunning
            }
            let complaint = complaints.dropFirst(complained.count)
            guard complaint.isEmpty, program.isRunning else {
                throw Program.Fault(
                    description: complaint.isEmpty ? "the session has ended" : String(complaint))
            }
            return program.output.dropFirst(printed.count).split(separator: "\n")
                .filter { !$0.hasPrefix("sftp> ") && !$0.hasPrefix("Local working directory:") }.joined(
                    separator: "\n")
        }
    }

    func put(_ files: [File], in mailbox: Mailbox) throws {
        for file in files {
            let local = try place.write(file.bytes, to: "up/" + file.name)
            try command("put \(local) /\(mailbox.rawValue)/\(file.name)")
        }
    }

    func putHalf(of file: File, in mailbox: Mailbox) throws {
        try Python.putHalf(of: file, in: mailbox, as: sender, at: instance)
    }

    func rename(_ name: String, to newName: String, in mailbox: Mailbox) throws {
        try command("rename /\(mailbox.rawValue)/\(name) /\(mailbox.rawValue)/\(newName)")
    }

    func list(_ mailbox: Mailbox) throws -> [String] {
        try command("ls -1 /\(mailbox.rawValue)").split(separator: "\n").map { line in
            String(line.split(separator: "/").last ?? line).trimmingCharacters(in: .whitespaces)
        }
    }

    func get(_ name: String, from mailbox: Mailbox) throws -> [UInt8] {
        let local = place.file("down")
        try? FileManager.default.removeItem(atPath: local)
        try command("get /\(mailbox.rawValue)/\(name) \(local)")
        return try bytes(of: local)
    }

    func remove(_ name: String, in mailbox: Mailbox) throws {
        try command("rm /\(mailbox.rawValue)/\(name)")
    }
}

/// One-shot runs of OpenSSH's clients.
enum OpenSSH {
    /// Options that keep a test apart from the machine's own configuration; the host key is pinned.
    static func options(_ instance: Instance, _ sender: Sender, identity: String? = nil) -> [String] {
        [
            "-F", "/dev/null", "-i", identity ?? sender.identity, "-o", "IdentitiesOnly=yes", "-o",
            "IdentityAgent=none",
            "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
            "-o", "UserKnownHostsFile=\(instance.scratch.file("known_hosts"))", "-o", "LogLevel=ERROR",
            "-o", "ConnectTimeout=120",
        ]
    }

    /// A batch of `sftp`: it ends with the first command that fails, and says so with its status.
    static func sftp(
        _ commands: [String], _ instance: Instance, _ sender: Sender, identity: String? = nil,
        _ more: [String] = []
    ) throws -> Program {
        let run = try Program.run(
            "sftp",
            more + options(instance, sender, identity: identity)
                + ["-P", "\(instance.port)", "-b", "-", "\(sender.user)@127.0.0.1"],
            input: commands.joined(separator: "\n") + "\n")
        return Program(status: run.status, output: run.output, errors: withoutGreeting(run.errors))
    }

    /// What `sftp` said on standard error, without the line that says it is connected.
    static func withoutGreeting(_ text: String) -> String {
        text.replacing(#/^Connected to [^\n]*\n/#, with: "")
    }

    static func scp(_ arguments: [String], _ instance: Instance, _ sender: Sender) throws -> Program {
        try Program.run("scp", options(instance, sender) + ["-q", "-P", "\(instance.port)"] + arguments)
    }

    static func ssh(_ arguments: [String], _ instance: Instance, _ sender: Sender) throws -> Program {
        try Program.run(
            "ssh",
            options(instance, sender) + ["-p", "\(instance.port)", "\(sender.user)@127.0.0.1"] + arguments,
            limit: 120)
    }
}
