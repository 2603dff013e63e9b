import Exchange
import Foundation
import Testing

/// The commands of the contract, their exit codes and what they print.
@Suite(.unserved) struct CommandSurfaceTests {
    @Test(arguments: [
        [], ["init"], ["serve"], ["config", "check"], ["config", "show"], ["trust", "add"],
        ["trust", "list"],
        ["trust", "remove"], ["trust", "crl"], ["trust", "source"], ["sender", "add"],
        ["sender", "channel", "add"],
        ["sender", "channel", "remove"], ["sender", "list"], ["sender", "show"], ["sender", "block"],
        ["sender", "unblock"], ["sender", "remove"], ["sender", "certificate", "add"],
        ["sender", "certificate", "revoke"], ["sender", "key", "add"], ["sender", "key", "revoke"],
        ["queue", "list"],
        ["queue", "show"], ["queue", "hold"], ["queue", "release"], ["queue", "requeue"], ["explain"],
        ["receipt", "show"], ["receipt", "resend"], ["check"], ["sign"], ["demo"],
        ["submit"], ["fetch"], ["ftp-accounts", "export"], ["sender", "password"],
    ])
    func `every command has a help that begins with what it is for`(command: [String]) throws {
        let run = try Program.run(Built.ecluse(), command + ["--help"])
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("OVERVIEW: "))
        #expect(run.errors.isEmpty)
    }

    @Test(arguments: [
        ["nonsense"], ["queue", "nonsense"], ["sender", "list", "--nonsense"], ["sender", "show"],
        ["sender", "show", "12"],
        ["queue", "show", "0380AB12CD3XX"], ["check"], ["sender", "channel", "add", "006400", "pigeon"],
        ["sender", "certificate", "revoke", "006400", "zz"],
        ["explain", "--language", "it", "0380AB12CD3HZ"],
    ])
    func `what is no command is a usage error`(command: [String]) throws {
        let run = try Program.run(
            Built.ecluse(), command + ["--config", SharedInstance.running().configuration])
        #expect(run.status == 2, "\(run.errors)")
        #expect(run.output.isEmpty)
        #expect(!run.errors.isEmpty)
    }

    @Test func `what is not there is not found`() throws {
        let instance = try SharedInstance.running()
        let stranger = Ticket(.set, counter: 999).description
        let daemon = try Instance()
        try daemon.start()
        for command in [["queue", "show", stranger], ["explain", stranger], ["receipt", "show", stranger]] {
            let run = try Program.run(Built.ecluse(), command + ["--config", daemon.configuration])
            #expect(run.status == 3, "\(command): \(run.errors)")
            #expect(run.errors.contains(stranger))
        }
        let commands = [
            ["sender", "show", "999998"], ["sender", "block", "999998"], ["sender", "unblock", "999998"],
            ["sender", "remove", "999998"], ["sender", "channel", "remove", "999998", "sftp"],
            ["trust", "remove", "0123456789abcdef"],
            ["sender", "certificate", "revoke", "999998", String(repeating: "0", count: 64)],
            ["sender", "key", "revoke", "999998", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"],
        ]
        for command in commands {
            let run = try Program.run(Built.ecluse(), command + ["--config", instance.configuration])
            #expect(run.status == 3, "\(command): \(run.errors)")
            #expect(!run.errors.isEmpty && run.output.isEmpty)
        }
    }

    @Test func `a configuration that is not there fails and names the file`() throws {
        let run = try Program.run(Built.ecluse(), ["sender", "list", "--config", "/nowhere/ecluse.yaml"])
        #expect(run.status == 1)
        #expect(run.errors.contains("/nowhere/ecluse.yaml"))
    }

    @Test func `where no configuration lies, it is said how one is named`() throws {
        let place = try Scratch()
        let run = try Program.run(
            "env", ["--chdir=\(place.path)", "--unset=ECLUSE_CONFIG", Built.ecluse(), "trust", "list"])
        #expect(run.status == 1)
        #expect(run.errors.contains("--config") && run.errors.contains("ECLUSE_CONFIG"), "\(run.errors)")
    }

    @Test func `the configuration can be named by the environment`() throws {
        let instance = try SharedInstance.running()
        let run = try Program.run(
            Built.ecluse(), ["trust", "list"], environment: ["ECLUSE_CONFIG": instance.configuration])
        #expect(run.status == 0)
        #expect(run.output.contains("Test Qualified CA"))
    }

    @Test func `senders are listed for people and for programs`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let table = try instance.must("sender", "list").output
        #expect(table.hasPrefix("NUMBER"))
        #expect(table.contains(sender.number) && table.contains(sender.user))
        let rows = try instance.must("sender", "list", "--json").objects()
        let row = try #require(rows.first { $0["number"] as? String == sender.number })
        #expect(row["user"] as? String == sender.user)
        #expect(row["isBlocked"] as? Bool == false)
        #expect((row["channels"] as? [[String: Any]])?.first?["kind"] as? String == "sftp")
    }

    @Test func `a blocked sender shows as blocked until it is unblocked`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        try instance.must("sender", "block", sender.number)
        #expect(try instance.must("sender", "show", sender.number).output.contains("(blocked)"))
        #expect(
            try instance.must("sender", "show", sender.number, "--json").object()["isBlocked"] as? Bool
                == true)
        try instance.must("sender", "unblock", sender.number)
        #expect(try instance.must("sender", "show", sender.number).output.contains("(active)"))
    }

    @Test func `a number is never given twice, not even after the sender is gone`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        try instance.must("sender", "remove", sender.number)
        #expect(try instance.run("sender", "show", sender.number).status == 3)
        let again = try instance.run(
            "sender", "add", "--number", sender.number, "--user", "EXPanother", "--name", "Another",
            "--enterprise",
            "0401234560")
        #expect(again.status == 4)
        #expect(again.errors.contains(sender.number))
    }
}
