import Exchange
import Foundation
import Testing

/// Who may log in, and how fast it ends.
@Suite(.served()) struct AccessTests {
    /// Longer than the five seconds of the contract by what a machine may need that does much besides.
    private static let promptly: TimeInterval = 30

    @Test func `a password is not even an option`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let run = try Python.run(
            """
            import socket, sys
            import paramiko
            transport = paramiko.Transport(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
            transport.start_client(timeout=120)
            for attempt in [lambda: transport.auth_none(sys.argv[2]),
                            lambda: transport.auth_password(sys.argv[2], "secret", fallback=False)]:
                try:
                    attempt()
                    raise SystemExit("logged in")
                except paramiko.BadAuthenticationType as error:
                    print(error.allowed_types)
            transport.close()
            """, as: sender, at: instance)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output == "['publickey']\n['publickey']\n")
    }

    @Test func `an unknown user, an unknown key and another sender's key are refused alike`() throws {
        let instance = try SharedInstance.running()
        let (first, second) = (try instance.enrol(), try instance.enrol())
        let stranger = Sender(
            number: "999998", user: "EXPnobody", identity: first.identity, signatory: first.signatory)
        let unknown = try instance.key(named: "unknown")
        let runs = try [
            OpenSSH.sftp(["ls"], instance, stranger),
            OpenSSH.sftp(["ls"], instance, first, identity: unknown),
            OpenSSH.sftp(["ls"], instance, first, identity: second.identity),
        ]
        for run in runs {
            #expect(run.status != 0)
            #expect(run.errors.contains("Permission denied (publickey)"), "\(run.errors)")
        }
    }

    @Test(arguments: ["ssh-rsa"])
    func `RSA keys sign with SHA-2 only`(algorithm: String) throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let key = try instance.key(named: "\(sender.user)-rsa", ["-t", "rsa", "-b", "2048"])
        try instance.must("sender", "key", "add", sender.number, key + ".pub")
        let good = try OpenSSH.sftp(
            ["ls"], instance, sender, identity: key, ["-o", "PubkeyAcceptedAlgorithms=rsa-sha2-256"])
        #expect(good.status == 0, "\(good.errors)")
        let old = try OpenSSH.sftp(
            ["ls"], instance, sender, identity: key, ["-o", "PubkeyAcceptedAlgorithms=\(algorithm)"])
        #expect(old.status != 0)
    }

    @Test(arguments: [
        "KexAlgorithms=diffie-hellman-group1-sha1", "KexAlgorithms=diffie-hellman-group14-sha1",
        "Ciphers=aes128-cbc",
        "Ciphers=3des-cbc", "MACs=hmac-sha1", "HostKeyAlgorithms=ssh-rsa",
    ])
    func `an algorithm of yesterday is not spoken`(option: String) throws {
        let instance = try SharedInstance.running()
        let cipher = option.hasPrefix("MACs") ? ["-o", "Ciphers=aes256-ctr"] : []
        let run = try OpenSSH.sftp(
            ["ls"], instance, instance.enrol(), ["-o", option, "-o", "LogLevel=INFO"] + cipher)
        #expect(run.status != 0)
        #expect(
            run.errors.contains("Unable to negotiate") || run.errors.contains("no matching"), "\(run.errors)")
    }

    @Test func `blocking a sender ends its open sessions and lets no new one in`() throws {
        let instance = try SharedInstance.running()
        let (client, other) = (
            try SFTPClient(instance, instance.enrol()), try SFTPClient(instance, instance.enrol())
        )
        _ = try (client.list(.incoming), other.list(.incoming))
        try instance.must("sender", "block", client.sender.number)
        #expect(client.ends(within: Self.promptly))
        #expect(try OpenSSH.sftp(["ls"], instance, client.sender).status != 0)
        #expect(try other.list(.incoming).isEmpty)
        try instance.must("sender", "unblock", client.sender.number)
        #expect(try eventually { try OpenSSH.sftp(["ls"], instance, client.sender).status == 0 })
    }

    @Test func `revoking a key ends the sessions opened with it, not those of another key`() throws {
        let instance = try SharedInstance.running()
        let sender = try instance.enrol()
        let renewal = try instance.key(named: "\(sender.user)-renewal")
        try instance.must("sender", "key", "add", sender.number, renewal + ".pub")
        let renewed = Sender(
            number: sender.number, user: sender.user, identity: renewal, signatory: sender.signatory)
        let (old, new) = (try SFTPClient(instance, sender), try SFTPClient(instance, renewed))
        _ = try (old.list(.incoming), new.list(.incoming))
        let fingerprint = try Program.need("ssh-keygen", ["-l", "-f", sender.identity + ".pub"]).split(
            separator: " ")[1]
        try instance.must("sender", "key", "revoke", sender.number, String(fingerprint))
        #expect(old.ends(within: Self.promptly))
        #expect(try OpenSSH.sftp(["ls"], instance, sender).status != 0)
        #expect(try new.list(.incoming).isEmpty)
    }

    @Test func `removing a sender ends its sessions`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        _ = try client.list(.incoming)
        try instance.must("sender", "remove", client.sender.number)
        #expect(client.ends(within: Self.promptly))
    }

    @Test func `a revoked certificate signs no more, its renewal does`() throws {
        let instance = try SharedInstance.running()
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        let renewal = try instance.authority.issue(to: "Renewal")
        let file = try instance.scratch.write(renewal.pem, to: "\(client.sender.user)-renewal.pem")
        try instance.must("sender", "certificate", "add", client.sender.number, "sftp", file)
        #expect(try client.send(client.sender.set(signedBy: renewal)).isAccepted)
        #expect(try client.send(client.sender.set()).isAccepted)
        let fingerprint = client.sender.signatory.certificate.fingerprint.description
        try instance.must("sender", "certificate", "revoke", client.sender.number, fingerprint)
        let isRefused = try eventually(within: Self.promptly) {
            try client.send(client.sender.set()).codes == ["ACRF-153"]
        }
        #expect(isRefused)
        #expect(try client.send(client.sender.set(signedBy: renewal)).isAccepted)
    }

    @Test func `a certificate on a list that is loaded while the daemon runs signs no more`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try SFTPClient(instance, instance.enrol())
        #expect(try client.send(client.sender.set()).isAccepted)
        let list = try instance.authority.list(
            revoking: [client.sender.signatory], number: 1, until: Date() + 3600)
        try instance.must("trust", "crl", instance.scratch.write(list, to: "list.pem"))
        let isRefused = try eventually(within: Self.promptly) {
            try client.send(client.sender.set()).codes == ["ACRF-125"]
        }
        #expect(isRefused)
    }

    @Test func `sessions of one sender are limited`() throws {
        let instance = try Instance([("sessionsPerSender: 50 ", "sessionsPerSender: 2 ")])
        try instance.start()
        let sender = try instance.enrol()
        let open = [try SFTPClient(instance, sender), try SFTPClient(instance, sender)]
        for client in open { _ = try client.list(.incoming) }
        #expect(try OpenSSH.sftp(["ls"], instance, sender).status != 0)
        #expect(try OpenSSH.sftp(["ls"], instance, instance.enrol()).status == 0)
    }

    @Test func `failed log-ins shut an address out, each time for longer`() throws {
        let instance = try Instance(
            [("penaltyFree: 3 ", "penaltyFree: 1 "), ("penaltyFirst: 2 s ", "penaltyFirst: 1 s ")],
            penalties: true)
        try instance.start()
        let sender = try instance.enrol()
        let wrong = try instance.key(named: "wrong")
        func failure() throws -> TimeInterval {
            let run = try OpenSSH.sftp(["ls"], instance, sender, identity: wrong)
            #expect(run.status != 0)
            return ProcessInfo.processInfo.systemUptime
        }
        func shutOut(since failure: TimeInterval) throws -> TimeInterval {
            #expect(try eventually { try OpenSSH.sftp(["ls"], instance, sender).status == 0 })
            return ProcessInfo.processInfo.systemUptime - failure
        }
        _ = try failure()
        #expect(try OpenSSH.sftp(["ls"], instance, sender).status == 0)
        let first = try shutOut(since: failure())
        let second = try shutOut(since: failure())
        let third = try shutOut(since: failure())
        #expect(first >= 0.9 && second >= 1.9 && third >= 3.9, "\(first) \(second) \(third)")
    }
}
