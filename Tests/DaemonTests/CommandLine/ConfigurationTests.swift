import Foundation
import Testing

/// A wrong configuration refuses the start, and says which file, line and key.
@Suite(.unserved) struct ConfigurationTests {
    @Test func `a limit of refused sets is taken away by name only, and that is said at the start`() throws {
        let instance = try Instance([("refusedPerSecond: 10 ", "refusedPerSecond: off")])
        let shown = try instance.must("config", "show", "--json").object()
        #expect(shown["limits.refusedPerSecond"] as? String == "off")
        try instance.start()
        #expect(instance.log.contains("limits.refusedPerSecond is off"), "\(instance.log)")
    }

    /// A line of the shipped configuration that is wrong: what stands there, what is put instead, the key to be named.
    struct Slip: Sendable, CustomTestStringConvertible {
        let text: String
        let replacement: String
        let key: String
        var testDescription: String { key }

        init(_ text: String, _ replacement: String, _ key: String) {
            (self.text, self.replacement, self.key) = (text, replacement, key)
        }
    }

    /// What a wrong entry of the section `servers`, `inboxes` or `destinations` is refused for.
    static let entries = [
        Slip("servers: {}", "servers: {a: {url: \"sftp://h\", user: u}}", "servers.a.url"),
        Slip(
            "servers: {}", "servers: {a: {url: \"sftp://h\", user: u, hostKeys: [\"MD5:abc\"]}}",
            "servers.a.hostKeys"),
        Slip(
            "servers: {}", "servers: {a: {url: \"ftps://h\", user: u, password: p, token: t}}",
            "servers.a.token"),
        Slip(
            "servers: {}", "servers: {a: {url: \"ftps://h/path\", user: u, password: p}}", "servers.a.url"),
        Slip(
            "servers: {}", "servers: {a: {url: \"ftp://h\", user: u, password: p, active: nobody}}",
            "servers.a.active"),
        Slip(
            "servers: {}", "servers: {a: {url: \"ftp://h\", user: u, password: p, active: \"\"}}",
            "servers.a.active"),
        Slip(
            "servers: {}", "servers: {a: {url: \"ftp://h\", user: \"{nope}\", password: p}}",
            "servers.a.user"),
        Slip(
            "servers: {}", "servers: {a: {url: \"https://h\", certificate: c}}", "servers.a.certificate"),
        Slip(
            "servers: {}", "servers: {a: {url: \"ftp://h\", user: u, password: nowhere/p}}",
            "servers.a.password"),
        Slip("    real: ../destinations/real", "    real: bakend:/srv/real", "destinations.*.real"),
        Slip("workers: auto ", "workers: 65 ", "work.workers"),
        Slip("workerMemory: 512 MiB", "workerMemory: 1 MiB", "work.workerMemory"),
        Slip("refusedPerSecond: 10", "refusedPerSecond: 0 ", "limits.refusedPerSecond"),
        Slip("workerTime: 2 min", "workerTime: 0 s", "work.workerTime"),
        Slip("penaltyExempt: []", "penaltyExempt: [monitor.example]", "sftp.penaltyExempt"),
        Slip("fileByPurpose: {}", "fileByPurpose: {DMFA: 60 MB}", "limits.fileByPurpose.DMFA"),
        Slip("web:\n  listen: \"127.0.0.1:0\"", "web:\n  listen: 0.0.0.0:0", "web.publicURL"),
        Slip("certificate: keys/web.pem", "certificate: keys/nowhere.pem", "web.certificate"),
    ]

    @Test(arguments: entries)
    func `what cannot work is refused before anything starts`(slip: Slip) throws {
        let instance = try Instance()
        try instance.change((slip.text, slip.replacement), in: "config/ecluse.yaml")
        for command in [["config", "check"], ["serve"]] {
            let run = try Program.run(
                Built.ecluse(), command + ["--config", instance.configuration], limit: 20)
            #expect(run.status == 1, "\(command)")
            #expect(run.errors.contains("\(slip.key): "), "\(run.errors)")
        }
    }

    @Test func `two inboxes for the same sender are refused`() throws {
        let instance = try Instance()
        try instance.change(
            ("servers: {}", "servers: {a: {url: \"ftp://h\", user: u, password: p}}"),
            in: "config/ecluse.yaml")
        try instance.change(
            (
                "inboxes: {}",
                """
                inboxes: {a: {senders: ["006400"]}, b: {server: a, home: "{sender}", senders: ["006401", "006400"]}}
                """
            ), in: "config/ecluse.yaml")
        let run = try instance.run("config", "check")
        #expect(run.status == 1 && run.errors.contains("inboxes.b.senders"), "\(run.errors)")
    }

    @Test(arguments: [
        ("u", "{}", false), ("u", "{senders: [\"006400\", \"006401\"]}", false),
        ("u", "{senders: [\"006400\"]}", true), ("u", "{home: \"{sender}\"}", true),
        ("\"{user}\"", "{}", true),
    ])
    func `senders that lie in one directory are refused, as their sets could not be told apart`(
        user: String, inbox: String, isTaken: Bool
    ) throws {
        let instance = try Instance()
        try instance.change(
            ("servers: {}", "servers: {a: {url: \"ftp://h\", user: \(user), password: keys/web.key}}"))
        try instance.change(("inboxes: {}", "inboxes: {a: \(inbox)}"))
        let run = try instance.run("config", "check")
        #expect(run.status == (isTaken ? 0 : 1), "\(run.errors)")
        #expect(run.errors.contains("inboxes.a.home: ") != isTaken, "\(run.errors)")
    }

    @Test func `two inboxes do not look into the same directory of the same account`() throws {
        let instance = try Instance()
        try instance.change(
            ("servers: {}", "servers: {s: {url: \"ftp://h\", user: u, password: keys/web.key}}"))
        try instance.change(
            (
                "inboxes: {}",
                "inboxes: {a: {server: s, senders: [\"006400\"]}, b: {server: s, senders: [\"006401\"]}}"
            ))
        let run = try instance.run("config", "check")
        #expect(run.status == 1 && run.errors.contains("inboxes.b.home: "), "\(run.errors)")
    }

    @Test func `a registry of an older version is looked at, and left to the daemon that may have it open`()
        throws
    {
        let instance = try Instance()
        // As if the newest change of the schema had not been made; making it a second time would fail.
        let program = """
            import sqlite3, sys
            registry = sqlite3.connect(sys.argv[1])
            if len(sys.argv) > 2:
                registry.execute("DELETE FROM grdb_migrations WHERE identifier = ?", [sys.argv[2]])
                registry.commit()
            print(*[row[0] for row in registry.execute("SELECT identifier FROM grdb_migrations ORDER BY rowid")])
            """
        let registry = instance.path("registry/registry.sqlite")
        let elder = try Program.run("python3", ["-c", program, registry, "revocation"])
        #expect(elder.output.hasSuffix("passwords\n"), "\(elder)")
        let run = try instance.run("config", "check")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try Program.run("python3", ["-c", program, registry]).output == elder.output)
    }

    @Test func `workers' user must be there, for who can become another`() throws {
        let instance = try Instance([("workerUser: nobody", "workerUser: nobody-of-that-name")])
        let run = try instance.run("config", "check")
        guard geteuid() == 0 else {
            #expect(run.status == 0, "\(run.errors)")
            return
        }
        #expect(run.status == 1 && run.errors.contains("work.workerUser: "), "\(run.errors)")
    }

    @Test func `a key that stands there twice is told in one line`() throws {
        let place = try Scratch()
        let file = try place.write("log:\n  level: info\n  level: debug\n".utf8, to: "ecluse.yaml")
        let run = try Program.run(Built.ecluse(), ["config", "check", "--config", file])
        #expect(run.status == 1 && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        #expect(run.errors.contains("level: the key stands here twice"), "\(run.errors)")
    }

    static let slips = [
        Slip("workers: 2 ", "werkers: 2 ", "sftp.werkers"),
        Slip("workers: 2 ", "workers: 65 ", "sftp.workers"),
        Slip("sessions: 1000 ", "sessions: many ", "sftp.sessions"),
        Slip("authenticationTime: 30 s", "authenticationTime: 30", "sftp.authenticationTime"),
        Slip("idleTime: 10 min", "idleTime: -1 s", "sftp.idleTime"),
        Slip("file: 35 MB", "file: 35 Mo", "limits.file"),
        Slip("fileByPurpose: {}", "fileByPurpose: {Dmfa: 1 MB}", "limits.fileByPurpose.Dmfa"),
        Slip("parts: 9 ", "parts: 10 ", "policy.parts"),
        Slip("dateAge: 30 d", "dateAge: 36 h", "policy.dateAge"),
        Slip("testSignature: required", "testSignature: maybe", "policy.testSignature"),
        Slip("sha1: refused", "sha1: [refused]", "policy.sha1"),
        Slip("interval: 500 ms", "interval: 0 ms", "folder.interval"),
        Slip("level: info", "level: loud", "log.level"),
        Slip("\"*\":  ", "lottery:  ", "destinations.lottery"),
        Slip("    real: ../destinations/real", "    reel: ../destinations/real", "destinations.*.reel"),
        Slip("work:\n", "werk:\n", "werk"),
    ]

    @Test(arguments: slips)
    func `a slip is told with file, line and key, and the daemon does not start`(slip: Slip) throws {
        let good = try SharedInstance.running()
        let text = try String(contentsOfFile: good.configuration, encoding: .utf8)
        let range = try #require(text.range(of: slip.text))
        let line = text[..<range.lowerBound].count { $0 == "\n" } + 1
        let file = good.path("config/\(UUID().uuidString).yaml")
        try text.replacingCharacters(in: range, with: slip.replacement).write(
            toFile: file, atomically: true, encoding: .utf8)
        for command in [["config", "check"], ["serve"]] {
            let run = try Program.run(Built.ecluse(), command + ["--config", file], limit: 20)
            #expect(run.status == 1, "\(command)")
            let wantsLine = !slip.key.hasPrefix("destinations.lottery")
            #expect(
                run.errors.contains(wantsLine ? "\(file):\(line): \(slip.key): " : "\(slip.key): "),
                "\(run.errors)")
        }
    }

    @Test func `a text that is no YAML is told with the file`() throws {
        let place = try Scratch()
        let file = try place.write("sftp: [".utf8, to: "ecluse.yaml")
        let run = try Program.run(Built.ecluse(), ["config", "check", "--config", file])
        #expect(run.status == 1)
        #expect(run.errors.contains(file) && run.errors.contains("not YAML"))
    }

    @Test(arguments: [
        "config/schemas", "config/applications.yaml", "config/keys/receipt.key", "config/keys/receipt.pem",
        "config/keys/ssh_host_rsa_key", "registry/registry.sqlite",
    ])
    func `without a file it needs the daemon does not start, and names it`(missing: String) throws {
        let instance = try Instance()
        try FileManager.default.removeItem(atPath: instance.path(missing))
        for command in [["config", "check"], ["serve"]] {
            let run = try Program.run(
                Built.ecluse(), command + ["--config", instance.configuration], limit: 20)
            #expect(run.status == 1 || run.status == 3, "\(command)")
            #expect(run.errors.contains(instance.path(missing)), "\(run.errors)")
            #expect(!run.errors.contains("(\""), "a sentence is wanted, not a value: \(run.errors)")
        }
    }

    @Test(arguments: [
        "config/keys/ssh_host_ed25519_key", "config/keys/receipt.key", "config/keys/receipt.pem",
        "config/keys/web.key", "config/keys/web.pem",
    ])
    func `a file that holds something else is refused by the check as by the daemon, in words`(
        spoilt: String
    ) throws {
        let instance = try Instance()
        try "garbage".write(toFile: instance.path(spoilt), atomically: true, encoding: .utf8)
        for command in [["config", "check"], ["serve"]] {
            let run = try Program.run(
                Built.ecluse(), command + ["--config", instance.configuration], limit: 20)
            #expect(run.status == 1, "\(command)")
            #expect(run.errors.contains(instance.path(spoilt)), "\(command): \(run.errors)")
            #expect(!run.errors.contains("(\""), "a sentence is wanted, not a value: \(run.errors)")
        }
    }

    @Test func `a section that is no mapping is told with its key`() throws {
        let place = try Scratch()
        let file = try place.write("sftp: 5\n".utf8, to: "ecluse.yaml")
        let run = try Program.run(Built.ecluse(), ["config", "check", "--config", file])
        #expect(run.status == 1)
        #expect(run.errors.contains("\(file):1: sftp: "), "\(run.errors)")
    }

    @Test func `a schema that includes one that is missing is told by name`() throws {
        let instance = try Instance()
        let schema = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="Gone_20231.xsd"/>
            <xs:element name="Broken"/></xs:schema>
            """
        try schema.write(
            toFile: instance.path("config/schemas/Broken_20231.xsd"), atomically: true, encoding: .utf8)
        let run = try instance.run("config", "check")
        #expect(run.status == 1)
        #expect(
            run.errors.contains("Broken_20231.xsd") || run.errors.contains("Gone_20231.xsd"), "\(run.errors)")
    }

    @Test func `a purpose in two applications is refused with the catalogue's file`() throws {
        let instance = try Instance()
        try instance.change(("purpose: PUBL", "purpose: DIMN"), in: "config/applications.yaml")
        let run = try instance.run("config", "check")
        #expect(run.status == 1)
        #expect(run.errors.contains("applications.yaml") && run.errors.contains("DIMN"))
    }

    @Test func `the configuration in force is shown with defaults`() throws {
        let instance = try SharedInstance.running()
        let shown = try instance.must("config", "show", "--json").object()
        #expect(shown["limits.file"] as? String == "35000000")
        #expect(shown["policy.incompleteDelay"] as? String == "86400.0")
        #expect(try instance.must("config", "show").output.contains("policy.parts: 9"))
    }
}
