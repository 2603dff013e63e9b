import CLibSSH
import Exchange
import Foundation
import Logging
import Synchronization
import Testing

@testable import Channels

@Suite struct SFTPServerLimitTests {
    @Test func `200 half-open connections keep nobody out`() throws {
        let bench = try SFTPBench()
        let idle = try (0..<200).map { _ in try RawConnection(port: bench.port) }
        let run = try bench.sftp("ls")
        #expect(run.status == 0, "\(run.errors)")
        #expect(bench.server.sessionCount <= 101)
        #expect(idle.count == 200)
    }

    @Test func `a connection that does not log in is closed`() throws {
        let bench = try SFTPBench { $0.authenticationTime = 1 }
        let silent = try RawConnection(port: bench.port)
        #expect(String(decoding: silent.readToEnd().prefix(8), as: UTF8.self) == "SSH-2.0-")
        #expect(eventually { bench.server.sessionCount == 0 })
    }

    @Test func `an idle session is closed and its upload abandoned`() throws {
        let bench = try SFTPBench { $0.idleTime = 1 }
        let client = try SFTPTestClient.connected(bench)
        _ = client.ask(.open(1, "/IN/GO.X", 0x1A))
        client.waitForEnd()
        #expect(bench.home.abandoned == ["GO.X"])
        #expect(bench.home.closed.isEmpty)
    }

    @Test func `a session goes on when its sender's pause is over, and before its end`() throws {
        let bench = try SFTPBench()
        let client = try SFTPTestClient.connected(bench)
        bench.home.pause(until: Date().addingTimeInterval(1.2))
        client.send(.open(1, "/IN/a", 0x1A), .path(16, 2, "."))
        // The peer says no more, and still has its answers.
        client.closeInput()
        #expect(client.receive()?.handle != nil)
        #expect(client.receive() != nil)
        #expect(bench.home.pause == 0)
    }

    @Test func `a session that is held takes no more bytes than a window`() throws {
        let bench = try SFTPBench()
        let client = try SFTPTestClient.connected(bench)
        bench.home.pause(until: .distantFuture)
        client.send(.open(1, "/IN/a", 0x1A))
        let piece = SFTPTestPacket(7, 2).adding(String(repeating: "x", count: 200_000)).framed
        let sent = Taken()
        client.stream(piece, times: 100) { [sent] in sent.add($0) }
        // The server takes a held request again every half second.
        Thread.sleep(forTimeInterval: 3)
        #expect(sent.count < 8_000_000, "all of it was taken")
        client.kill()
    }

    @Test func `the open session of a blocked sender is closed`() throws {
        let bench = try SFTPBench()
        let client = try SFTPTestClient.connected(bench)
        _ = client.ask(.open(1, "/IN/GO.X", 0x1A))
        bench.senders.block(bench.sender)
        client.waitForEnd()
        #expect(bench.home.abandoned == ["GO.X"])
        #expect(bench.home.closed.isEmpty)
        #expect(try bench.sftp("ls").status == 255)
    }

    @Test func `a broken connection abandons its upload`() throws {
        let bench = try SFTPBench()
        let client = try SFTPTestClient.connected(bench)
        let handle = try #require(client.ask(.open(1, "/IN/GO.X", 0x1A))?.handle)
        #expect(client.ask(.write(2, handle, 0, [1, 2, 3]))?.code == 0)
        client.kill()
        #expect(eventually { bench.home.abandoned == ["GO.X"] })
        #expect(bench.home.bytes("GO.X", in: .incoming) == [1, 2, 3])
        #expect(bench.home.closed.isEmpty)
    }

    @Test func `a sender has so many sessions and no more`() throws {
        let bench = try SFTPBench { $0.sessionsPerSender = 2 }
        let other = try #require(SenderNumber("000002"))
        try bench.register("EXPother", key: "other", kind: "ed25519", sender: other)
        let first = try SFTPTestClient.connected(bench)
        let second = try SFTPTestClient.connected(bench)
        #expect(try bench.sftp("ls").status == 255)
        #expect(try bench.sftp("ls", user: "EXPother", key: "other").status == 0)
        first.kill()
        #expect(try eventually { try bench.sftp("ls").status == 0 })
        #expect(second.ask(.path(16, 1, ".")) != nil)
    }

    @Test func `a session has 64 handles`() throws {
        let bench = try SFTPBench()
        let client = try SFTPTestClient.connected(bench)
        for number in 0..<64 {
            #expect(client.ask(.open(1, "/IN/f\(number)", 0x1A))?.handle != nil)
        }
        #expect(client.ask(.open(1, "/IN/g", 0x1A))?.message == "too many open files (64 at the most)")
        #expect(client.ask(.close(1, 1))?.code == 0)
        #expect(client.ask(.open(1, "/IN/g", 0x1A))?.handle != nil)
    }

    @Test func `an upload taken over by another session fails at its next write`() throws {
        let bench = try SFTPBench()
        let older = try SFTPTestClient.connected(bench)
        let newer = try SFTPTestClient.connected(bench)
        let first = try #require(older.ask(.open(1, "/IN/a", 0x1A))?.handle)
        #expect(older.ask(.write(2, first, 0, [1]))?.code == 0)
        let second = try #require(newer.ask(.open(1, "/IN/a", 0x1A))?.handle)
        #expect(
            older.ask(.write(3, first, 1, [1]))?.message == "taken over by a newer upload or already sealed")
        #expect(newer.ask(.write(2, second, 0, [2]))?.code == 0)
        #expect(newer.ask(.close(3, second))?.code == 0)
        #expect(bench.home.bytes("a", in: .incoming) == [2])
        #expect(older.ask(.path(16, 4, "."))?.code == nil)
    }

    @Test(
        arguments: [[0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 1, 3], [0, 4, 4, 1]] as [[UInt8]])
    func `a packet outside the protocol ends the session`(bytes: [UInt8]) throws {
        let bench = try SFTPBench()
        let client = try SFTPTestClient.connected(bench)
        client.sendRaw(bytes)
        client.waitForEnd()
        #expect(eventually { bench.server.sessionCount == 0 })
    }

    @Test func `answers that are not fetched do not pile up, and all of them come in the end`() throws {
        let bench = try SFTPBench()
        let bytes = pattern(1 << 20)
        bench.home.put(bytes, "big", in: .outgoing)
        let client = try SFTPTestClient.connected(bench)
        let handle = try #require(client.ask(.open(1, "/OUT/big", 1))?.handle)
        let reads = (0..<80).map { SFTPTestPacket.read(UInt32($0), handle, 0, 200_000).framed }
        client.sendRaw(reads.flatMap { $0 })
        for number in 0..<80 {
            guard case .data(let id, let data)? = client.receive() else {
                Issue.record("no data")
                return
            }
            #expect(id == UInt32(number) && data.elementsEqual(bytes.prefix(200_000)))
        }
    }

    @Test func `failed log-ins shut the address out before a key exchange, and not for ever`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 1
            $0.penalty.first = 2
        }
        _ = try bench.directory.makeKey("stranger", kind: "ed25519")
        for _ in 0..<2 { #expect(try bench.sftp("ls", key: "stranger").status == 255) }
        #expect(eventually { bench.server.sessionCount == 0 })
        #expect(try RawConnection(port: bench.port).readToEnd().isEmpty)
        #expect(try eventually { try bench.sftp("ls").status == 0 })
    }

    @Test func `who uses a sender's name from another address shuts out that address, not the sender`() throws
    {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 1
            $0.penalty.userFailures = 2
            $0.penalty.first = 600
            $0.penalty.exempt = ["127.0.0.4"]
        }
        _ = try bench.directory.makeKey("stranger", kind: "ed25519")
        func tries(from address: String, key: String = "stranger") throws -> Bool {
            defer { #expect(eventually { bench.server.sessionCount == 0 }) }
            return try bench.sftp("ls", key: key, ["-o", "BindAddress=\(address)"]).status == 0
        }
        for _ in 0..<2 { #expect(try !tries(from: "127.0.0.2")) }
        #expect(
            try !tries(from: "127.0.0.2", key: "user"), "its address is shut out, even with the right key")
        #expect(try tries(from: "127.0.0.1", key: "user"))
        // The third failure with the name costs at once, wherever it comes from.
        #expect(try !tries(from: "127.0.0.3"))
        #expect(try !tries(from: "127.0.0.3", key: "user"))
        for _ in 0..<3 { #expect(try !tries(from: "127.0.0.4")) }
        #expect(try tries(from: "127.0.0.4", key: "user"), "it is exempt")
        #expect(try tries(from: "127.0.0.1", key: "user"))
    }

    private func strangers(_ count: Int, _ bench: SFTPBench) throws -> [String] {
        let paths = try (0..<count).map { try bench.directory.makeKey("stranger\($0)", kind: "ed25519") }
        return paths.flatMap { ["-i", $0] }
    }

    @Test func `three refusals before the right key cost nothing, and more only until it is found`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 0
            $0.penalty.first = 600
        }
        let keys = try strangers(3, bench) + ["-i", bench.file("user")]
        for _ in 0..<2 { #expect(try bench.sftp("ls", key: "stranger0", keys).status == 0) }
        let other = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 1
            $0.penalty.first = 600
        }
        let more = try strangers(5, other)
        for _ in 0..<3 {
            let run = try other.sftp("ls", key: "stranger0", more + ["-i", other.file("user")])
            #expect(run.status == 0, "\(run.errors)")
        }
        // Charged once: a second failure would shut the address out.
        #expect(try other.sftp("ls", key: "stranger0", more).status == 255)
        #expect(eventually { other.server.sessionCount == 0 })
        #expect(try other.sftp("ls").status == 0)
    }

    @Test func `an address shut out while its agent looked for the key comes in again with it`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 0
            $0.penalty.first = 600
        }
        let keys = try strangers(5, bench) + ["-i", bench.file("user")]
        for _ in 0..<2 {
            let run = try bench.sftp("ls", key: "stranger0", keys)
            #expect(run.status == 0, "\(run.errors)")
        }
    }

    @Test func `who comes while nobody can be looked up does not pay for it`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 0
            $0.penalty.first = 600
        }
        bench.senders.fail(DirectoryFault("disk I/O error"))
        // An eighth each, if they were charged.
        for _ in 0..<9 { #expect(try bench.sftp("ls").status == 255) }
        #expect(eventually { bench.server.sessionCount == 0 })
        bench.senders.fail(nil)
        #expect(try bench.sftp("ls").status == 0)
    }

    @Test func `who makes room for others does not pay for it, unless its keys were refused`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 0
            $0.penalty.first = 600
            $0.sessions = 1
        }
        // Each puts out the one before, after its key exchange.
        for _ in 0..<9 {
            let newcomer = try stranger(at: bench.port)
            defer { ssh_free(newcomer) }
            _ = try RawConnection(port: bench.port).readOnce()
        }
        #expect(eventually { bench.server.sessionCount == 0 })
        #expect(try bench.sftp("ls").status == 0)
        #expect(eventually { bench.server.sessionCount == 0 })
        let guesser = try stranger(at: bench.port)
        defer { ssh_free(guesser) }
        try offer(guesser, as: "EXPacme")
        #expect(try RawConnection(port: bench.port).readOnce().starts(with: Array("SSH-2.0-".utf8)))
        #expect(eventually { bench.server.sessionCount == 0 })
        #expect(try RawConnection(port: bench.port).readToEnd().isEmpty)
    }

    @Test func `who has sessions enough does not pay for what its agent offered before`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 0
            $0.penalty.first = 600
            $0.sessionsPerSender = 1
        }
        let keys = try strangers(5, bench) + ["-i", bench.file("user")]
        let session = try SFTPTestClient.connected(bench)
        #expect(try bench.sftp("ls", key: "stranger0", keys).status == 255)
        #expect(session.ask(.path(16, 1, ".")) != nil)
        session.kill()
        #expect(eventually { bench.server.sessionCount == 0 })
        #expect(try bench.sftp("ls").status == 0)
    }

    @Test func `every name a connection tries counts, whichever is the last`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 10
            $0.penalty.userFailures = 1
            $0.penalty.first = 600
        }
        for last in ["EXPone", "EXPother"] {
            #expect(try RawConnection(port: bench.port).readOnce().starts(with: Array("SSH-2.0-".utf8)))
            try offerKeys(as: ["EXPacme", "EXPacme", "EXPacme", last], at: bench.port)
            #expect(eventually { bench.server.sessionCount == 0 })
        }
        #expect(try RawConnection(port: bench.port).readToEnd().isEmpty)
    }

    /// Offers a strange key as one user after the other, over one connection.
    private func offerKeys(as users: [String], at port: Int) throws {
        let session = try stranger(at: port)
        defer { ssh_free(session) }
        defer { ssh_disconnect(session) }
        for user in users { try offer(session, as: user) }
    }

    /// After the key exchange; freed by the caller.
    private func stranger(at port: Int) throws -> ssh_session {
        let session = try #require(ssh_new())
        ssh_options_set(session, SSH_OPTIONS_HOST, "127.0.0.1")
        ssh_options_set(session, SSH_OPTIONS_PORT_STR, "\(port)")
        ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null")
        let isConnected = ssh_connect(session) == SSH_OK
        if !isConnected { ssh_free(session) }
        try #require(isConnected)
        return session
    }

    private func offer(_ session: ssh_session, as user: String) throws {
        var key: ssh_key?
        try #require(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) == SSH_OK)
        defer { ssh_key_free(key) }
        #expect(ssh_userauth_try_publickey(session, user, key) == SSH_AUTH_DENIED.rawValue)
    }

    @Test func `an exempt address that finds its key late takes back nothing that others have failed`() throws
    {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 10
            $0.penalty.userFailures = 2
            $0.penalty.first = 600
            $0.penalty.exempt = ["127.0.0.4"]
        }
        func logsIn(from address: String, keys: [String]) throws -> Bool {
            let options = ["-o", "BindAddress=\(address)"] + keys
            defer { #expect(eventually { bench.server.sessionCount == 0 }) }
            return try bench.sftp("ls", key: "stranger0", options).status == 0
        }
        let keys = try strangers(5, bench)
        for _ in 0..<2 { #expect(try !logsIn(from: "127.0.0.2", keys: [])) }
        #expect(try logsIn(from: "127.0.0.4", keys: keys + ["-i", bench.file("user")]))
        #expect(try !logsIn(from: "127.0.0.3", keys: []))
        #expect(
            try !logsIn(from: "127.0.0.3", keys: ["-i", bench.file("user")]),
            "the third failure with the name has shut the address out")
    }

    @Test func `a fourth refusal is charged while the connection lasts`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 0
            $0.penalty.first = 600
        }
        let keys = try strangers(4, bench)
        // The known key needs a passphrase that is asked for and does not come: the connection stays open.
        let locked = try Command.run(
            "/usr/bin/ssh-keygen", ["-q", "-p", "-P", "", "-N", "secret", "-f", bench.file("user")])
        try #require(locked.status == 0)
        let waiting = try bench.directory.value.write([], to: "waiting")
        let ask = try bench.directory.value.write(
            "#!/bin/sh\nwhile [ -e '\(waiting)' ]; do sleep 0.1; done\n".utf8, to: "ask")
        try #require(chmod(ask, 0o700) == 0)
        let options = bench.options(key: "stranger0").map { $0 == "BatchMode=yes" ? "BatchMode=no" : $0 }
        let client = try ChildProgram(
            "/usr/bin/ssh",
            options + keys + ["-i", bench.file("user"), "-p", "\(bench.port)", "EXPacme@127.0.0.1"],
            environment: ["SSH_ASKPASS": ask, "SSH_ASKPASS_REQUIRE": "force"])
        #expect(try eventually { try RawConnection(port: bench.port).readOnce().isEmpty })
        #expect(eventually { bench.server.sessionCount == 1 })
        try FileManager.default.removeItem(atPath: waiting)
        client.stop()
    }

    @Test func `a key exchange without a log-in costs an eighth, a probe nothing`() throws {
        let bench = try SFTPBench {
            $0.penalty.isOn = true
            $0.penalty.freeFailures = 0
            $0.penalty.first = 600
        }
        for text in ["", "SSH-2.0-probe\r\n"] {
            for _ in 0..<4 {
                let probe = try RawConnection(port: bench.port)
                probe.send(text)
                #expect(probe.readOnce().starts(with: Array("SSH-2.0-".utf8)))
            }
        }
        #expect(eventually { bench.server.sessionCount == 0 })
        #expect(try bench.sftp("ls").status == 0)
        func exchangeKeys() throws {
            let run = try bench.sftp("ls", ["-o", "PreferredAuthentications=hostbased"])
            #expect(run.status == 255)
            #expect(eventually { bench.server.sessionCount == 0 })
        }
        for _ in 0..<7 { try exchangeKeys() }
        #expect(try bench.sftp("ls").status == 0)
        try exchangeKeys()
        #expect(try RawConnection(port: bench.port).readToEnd().isEmpty)
    }

    @Test func `an exempt address and a known key pay for no key exchange`() throws {
        for exempt in [true, false] {
            let bench = try SFTPBench {
                $0.penalty.isOn = true
                $0.penalty.freeFailures = 0
                $0.penalty.first = 600
                $0.penalty.exempt = exempt ? ["127.0.0.1"] : []
                $0.sessionsPerSender = 1
            }
            let client = try SFTPTestClient.connected(bench)
            let refused = exempt ? ["-o", "PreferredAuthentications=hostbased"] : []
            for _ in 0..<4 { #expect(try bench.sftp("ls", refused).status == 255) }
            client.kill()
            #expect(try eventually { try bench.sftp("ls").status == 0 })
        }
    }

    @Test func `a sender has so many open files over all its sessions`() throws {
        let bench = try SFTPBench { $0.handlesPerSender = 2 }
        let first = try SFTPTestClient.connected(bench)
        let second = try SFTPTestClient.connected(bench)
        #expect(first.ask(.open(1, "/IN/a", 0x1A))?.handle != nil)
        #expect(second.ask(.open(1, "/IN/b", 0x1A))?.handle != nil)
        let refusal = "too many open files of this sender (2 at the most)"
        #expect(second.ask(.open(2, "/IN/c", 0x1A))?.message == refusal)
        first.kill()
        #expect(eventually { second.ask(.open(3, "/IN/c", 0x1A))?.handle != nil })
    }

    @Test func `a session is served while strangers exchange keys, and they are served too`() throws {
        let bench = try SFTPBench { $0.workers = 1 }
        let client = try SFTPTestClient.connected(bench)
        let strangers = try (0..<12).map { _ in
            try ChildProgram(
                "/usr/bin/ssh",
                bench.options() + [
                    "-o", "PreferredAuthentications=hostbased", "-p", "\(bench.port)", "EXPacme@127.0.0.1",
                ])
        }
        for number in 0..<200 { #expect(client.ask(.path(16, UInt32(number), "."))?.code == nil) }
        for stranger in strangers {
            let errors = String(decoding: stranger.readToEnd().errors, as: UTF8.self)
            #expect(errors.contains("Permission denied (publickey)"), "\(errors)")
        }
    }

    @Test func `stopping lets the trigger in hand be answered and ends every session`() throws {
        var options = FakeHome.Options()
        options.delay = 0.5
        let bench = try SFTPBench(home: options)
        let client = try SFTPTestClient.connected(bench)
        _ = client.ask(.open(1, "/IN/other", 0x1A))
        let handle = try #require(client.ask(.open(1, "/IN/GO.X", 0x1A))?.handle)
        client.send(.close(2, handle))
        #expect(eventually { bench.home.closed == ["GO.X"] })
        bench.server.stop(grace: 20)
        #expect(client.receive() == .status(id: 2, code: 0, message: ""))
        #expect(client.receive() == nil)
        #expect(bench.home.abandoned == ["other"])
        #expect(bench.server.sessionCount == 0)
        bench.server.stop(grace: 20)
        #expect(throws: (any Error).self) { try RawConnection(port: bench.port) }
    }

    @Test func `a host key that cannot be read keeps the server from starting`() throws {
        var configuration = SFTPServerConfiguration()
        configuration.port = 0
        configuration.hostKeyFiles = ["/nowhere/key"]
        let server = SFTPServer(
            configuration: configuration, directory: FakeDirectory(), intake: FakeIntake(),
            logger: .init(label: "test"))
        #expect(throws: SFTPServerFault.self) { try server.start() }
    }
}

/// Bytes that a server took.
private final class Taken: Sendable {
    private let bytes = Mutex(0)
    func add(_ count: Int) { bytes.withLock { $0 += count } }
    var count: Int { bytes.withLock { $0 } }
}
