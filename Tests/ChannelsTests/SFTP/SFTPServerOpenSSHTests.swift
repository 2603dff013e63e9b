import Exchange
import Foundation
import Testing

@testable import Channels

@Suite struct SFTPServerOpenSSHTests {
    @Test func `sftp puts, lists, renames, gets and removes`() throws {
        let bench = try SFTPBench()
        let bytes = pattern(300_000)
        _ = try bench.directory.value.write(bytes, to: "local")
        let run = try bench.sftp(
            """
            pwd
            ls -la /
            cd IN
            put \(bench.file("local")) one
            ls -l
            rename one two
            get two \(bench.file("back"))
            put \(bench.file("local")) three
            rm three
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("Remote working directory: /"))
        for mailbox in Mailbox.allCases { #expect(run.output.contains(" \(mailbox.rawValue)\n")) }
        #expect(run.output.contains("-rw-------"))
        #expect(try isTrue(bench.directory.value.read("back") == bytes))
        #expect(isTrue(bench.home.bytes("two", in: .incoming) == bytes))
        #expect(bench.home.bytes("one", in: .incoming) == nil)
        #expect(bench.home.bytes("three", in: .incoming) == nil)
    }

    @Test(arguments: ["ed25519", "rsa", "ecdsa"])
    func `a key of every kind logs in`(kind: String) throws {
        let bench = try SFTPBench()
        try bench.register("EXPother", key: "other", kind: kind)
        let run = try bench.sftp("ls", user: "EXPother", key: "other")
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test func `a trigger is answered when the set is sealed, and a look after it finds what was sent`()
        throws
    {
        var options = FakeHome.Options()
        options.delay = 0.5
        let bench = try SFTPBench(home: options)
        _ = try bench.directory.value.write([1, 2, 3], to: "FI.X")
        _ = try bench.directory.value.write([], to: "GO.X")
        let run = try bench.sftp("cd IN\nput \(bench.file("FI.X"))\nput -p \(bench.file("GO.X"))\n")
        #expect(run.status == 0, "\(run.errors)")
        #expect(bench.home.sealedBytes("FI.X", in: .incoming) == [1, 2, 3])
        #expect(bench.home.sealedBytes("GO.X", in: .incoming) == [])
    }

    @Test func `reput goes on where an upload stopped`() throws {
        let bench = try SFTPBench()
        let bytes = pattern(200_000)
        _ = try bench.directory.value.write(bytes, to: "local")
        bench.home.put(bytes.prefix(77_777), "far", in: .incoming)
        let run = try bench.sftp("reput \(bench.file("local")) /IN/far")
        #expect(run.status == 0, "\(run.errors)")
        #expect(isTrue(bench.home.bytes("far", in: .incoming) == bytes))
    }

    @Test func `rekeying every megabyte loses nothing, both ways`() throws {
        let bench = try SFTPBench()
        let bytes = pattern(24 << 20)
        _ = try bench.directory.value.write(bytes, to: "local")
        let run = try bench.sftp(
            "put \(bench.file("local")) /IN/far\nget /IN/far \(bench.file("back"))",
            ["-o", "RekeyLimit=1M"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(isTrue(bench.home.bytes("far", in: .incoming) == bytes))
        #expect(try isTrue(bench.directory.value.read("back") == bytes))
    }

    @Test func `scp copies both ways`() throws {
        let bench = try SFTPBench()
        let bytes = pattern(100_000)
        let local = try bench.directory.value.write(bytes, to: "local")
        let there = try Command.run(
            "/usr/bin/scp", bench.options() + ["-s", "-P", "\(bench.port)", local, "EXPacme@127.0.0.1:/IN/x"])
        #expect(there.status == 0, "\(there.errors)")
        let back = try Command.run(
            "/usr/bin/scp",
            bench.options() + ["-s", "-P", "\(bench.port)", "EXPacme@127.0.0.1:/IN/x", bench.file("back")])
        #expect(back.status == 0, "\(back.errors)")
        #expect(try isTrue(bench.directory.value.read("back") == bytes))
    }

    @Test func `an unknown key, an unknown user and a password are refused alike`() throws {
        let bench = try SFTPBench()
        _ = try bench.directory.makeKey("stranger", kind: "ed25519")
        let wrongKey = try bench.sftp("ls", key: "stranger")
        let wrongUser = try bench.sftp("ls", user: "EXPnobody")
        let password = try Command.run(
            "/usr/bin/ssh",
            [
                "-F", "/dev/null", "-o", "PubkeyAuthentication=no", "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null", "-o", "NumberOfPasswordPrompts=1", "-v", "-p",
                "\(bench.port)",
                "EXPacme@127.0.0.1", "true",
            ], timeout: 20)
        #expect(wrongKey.status == 255)
        #expect(wrongUser.status == 255)
        #expect(wrongKey.errors.contains("Permission denied (publickey)"))
        #expect(wrongKey.errors.replacingOccurrences(of: "EXPacme", with: "EXPnobody") == wrongUser.errors)
        #expect(
            password.errors.contains("Authentications that can continue: publickey\n")
                || password.errors.contains("continue: publickey\r"))
        #expect(password.errors.contains("Permission denied (publickey)"))
    }

    @Test(arguments: [
        "KexAlgorithms=curve25519-sha256", "KexAlgorithms=curve25519-sha256@libssh.org",
        "KexAlgorithms=ecdh-sha2-nistp256", "KexAlgorithms=ecdh-sha2-nistp384",
        "KexAlgorithms=ecdh-sha2-nistp521",
        "HostKeyAlgorithms=ssh-ed25519", "HostKeyAlgorithms=rsa-sha2-512", "HostKeyAlgorithms=rsa-sha2-256",
        "Ciphers=chacha20-poly1305@openssh.com", "Ciphers=aes256-gcm@openssh.com", "Ciphers=aes128-ctr",
    ])
    func `a modern algorithm is spoken`(option: String) throws {
        let bench = try SFTPBench()
        let run = try bench.sftp("ls", ["-o", option])
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test(arguments: [
        "KexAlgorithms=diffie-hellman-group14-sha1", "KexAlgorithms=diffie-hellman-group14-sha256",
        "KexAlgorithms=diffie-hellman-group16-sha512", "KexAlgorithms=diffie-hellman-group18-sha512",
        "KexAlgorithms=diffie-hellman-group-exchange-sha256",
        "HostKeyAlgorithms=ssh-rsa", "Ciphers=aes128-cbc", "Ciphers=3des-cbc",
    ])
    func `an algorithm of the past, or dear before the log-in, is not`(option: String) throws {
        let bench = try SFTPBench()
        let run = try bench.sftp("ls", ["-o", option])
        #expect(run.status == 255)
        #expect(!run.errors.contains("Permission denied"), "\(run.errors)")
    }

    @Test func `a message authentication with SHA-1 is not spoken, one with SHA-2 is`() throws {
        let bench = try SFTPBench()
        let cipher = ["-o", "Ciphers=aes128-ctr", "-o"]
        #expect(try bench.sftp("ls", cipher + ["MACs=hmac-sha1"]).status == 255)
        for name in ["hmac-sha2-256", "hmac-sha2-512-etm@openssh.com"] {
            #expect(try bench.sftp("ls", cipher + ["MACs=\(name)"]).status == 0)
        }
    }

    @Test func `an RSA key that signs with SHA-1 is refused`() throws {
        let bench = try SFTPBench()
        try bench.register("EXPother", key: "other", kind: "rsa")
        let old = ["-o", "PubkeyAcceptedAlgorithms=ssh-rsa"]
        #expect(try bench.sftp("ls", user: "EXPother", key: "other", old).status == 255)
        #expect(try bench.sftp("ls", user: "EXPother", key: "other").status == 0)
    }

    @Test func `there is no shell, no command, no forwarding`() throws {
        let bench = try SFTPBench()
        #expect(try bench.ssh(["true"]).status != 0)
        #expect(try bench.ssh(["-tt"]).status != 0)
        #expect(try bench.ssh(["-s", "netconf"]).status != 0)
        let forwarding = try bench.ssh(["-W", "127.0.0.1:\(bench.port)"])
        #expect(forwarding.status != 0)
        #expect(!forwarding.output.contains("SSH-2.0"))
    }
}
