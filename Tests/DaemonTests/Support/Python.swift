import Exchange
import Foundation

/// Scripts with paramiko or asyncssh, as software houses write them.
enum Python {
    /// Runs a script after a common beginning that gives it `sftp` (paramiko, logged in), `client`, `port`, `user`,
    /// `key` and `arguments`.
    static func paramiko(
        _ script: String, as sender: Sender, at instance: Instance, _ arguments: [String] = []
    ) throws -> Program {
        try run(beginning + script, as: sender, at: instance, arguments)
    }

    /// Runs a script of which `sys.argv` holds port, user, path of the key, and the arguments.
    static func run(
        _ script: String, as sender: Sender, at instance: Instance, _ arguments: [String] = []
    ) throws -> Program {
        try Program.run(
            Built.python(), ["-c", script, "\(instance.port)", sender.user, sender.identity] + arguments)
    }

    /// Writes the first half of a file and drops the connection without closing anything.
    static func putHalf(of file: File, in mailbox: Mailbox, as sender: Sender, at instance: Instance) throws {
        let place = try Scratch()
        let local = try place.write(file.bytes.prefix(file.bytes.count / 2), to: "half")
        let run = try paramiko(
            """
            remote = sftp.open(arguments[0], "wb")
            remote.write(open(arguments[1], "rb").read())
            remote.flush()
            sftp.stat(arguments[0])
            os._exit(9)
            """, as: sender, at: instance, ["/\(mailbox.rawValue)/\(file.name)", local])
        guard run.status == 9 else { throw Program.Fault(description: "not cut: \(run.errors)") }
    }

    private static let beginning = """
        import io, os, sys
        import paramiko
        port, user, key, arguments = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", port, user, key_filename=key, allow_agent=False, look_for_keys=False)
        sftp = client.open_sftp()

        def refused(action):
            try:
                action()
            except (IOError, OSError) as error:
                print("refused:", error)
                return
            raise SystemExit("not refused")

        """
}
