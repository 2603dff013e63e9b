import Exchange
import Foundation
import Logging
import TestServers
import Testing

@testable import Channels

/// A running server with one sender `EXPacme`, and the keys to use it; everything in a directory of its own.
final class SFTPBench: Sendable {
    static let user = "EXPacme"

    let directory: TestKeys
    let senders = FakeDirectory()
    let intake: FakeIntake
    let server: SFTPServer
    let port: Int
    let sender: SenderNumber

    /// - Parameter spool: where uploads go; homes in memory unless there is one.
    init(
        home: FakeHome.Options = .init(), spool: (any Intake)? = nil,
        _ adjust: (inout SFTPServerConfiguration) -> Void = { _ in }
    ) throws {
        directory = try TestKeys()
        let number = try #require(SenderNumber("006400"))
        intake = FakeIntake(home)
        var configuration = SFTPServerConfiguration()
        configuration.port = 0
        configuration.hostKeyFiles = [
            try directory.makeKey("host_ed25519", kind: "ed25519"),
            try directory.makeKey("host_rsa", kind: "rsa"),
        ]
        configuration.penalty.isOn = false
        adjust(&configuration)
        sender = number
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        if ProcessInfo.processInfo.environment["SFTP_TEST_LOG"] != nil { logger = Logger(label: "test") }
        server = SFTPServer(
            configuration: configuration, directory: senders, intake: spool ?? intake, logger: logger)
        port = try server.start().port
        try register(SFTPBench.user, key: "user", kind: "ed25519")
    }

    deinit { server.stop(grace: 0) }

    var home: FakeHome { intake.home(of: sender) }

    func register(_ user: String, key: String, kind: String, sender: SenderNumber? = nil) throws {
        let path = try directory.makeKey(key, kind: kind)
        let line = try String(contentsOfFile: path + ".pub", encoding: .utf8)
        senders.add(
            try #require(TechnicalUser(user)), of: sender ?? self.sender, key: try SSHPublicKey(file: line))
    }

    func file(_ name: String) -> String { directory.value.file(name) }

    /// Options of `ssh`, `sftp` and `scp` that keep the test apart from the machine's own configuration.
    func options(key: String = "user", _ more: [String] = []) -> [String] {
        [
            "-F", "/dev/null", "-i", file(key), "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
            "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20",
        ] + more
    }

    /// Runs `sftp` with commands, one a line.
    func sftp(
        _ commands: String, user: String = SFTPBench.user, key: String = "user", _ more: [String] = []
    ) throws -> Command {
        try Command.run(
            "/usr/bin/sftp", options(key: key, more) + ["-P", "\(port)", "-b", "-", "\(user)@127.0.0.1"],
            input: commands + "\n")
    }

    func ssh(_ arguments: [String], user: String = SFTPBench.user, key: String = "user") throws -> Command {
        try Command.run(
            "/usr/bin/ssh", options(key: key) + ["-p", "\(port)", "\(user)@127.0.0.1"] + arguments,
            timeout: 20)
    }
}

/// The directory and the keys made in it.
final class TestKeys: Sendable {
    let value: TemporaryDirectory

    init() throws { value = try TemporaryDirectory() }

    func makeKey(_ name: String, kind: String) throws -> String {
        let path = value.file(name)
        let bits = kind == "rsa" ? ["-b", "2048"] : kind == "ecdsa" ? ["-b", "256"] : []
        let made = try Command.run(
            "/usr/bin/ssh-keygen", ["-q", "-t", kind] + bits + ["-N", "", "-f", path])
        try #require(made.status == 0, "\(made.errors)")
        return path
    }
}

/// Bytes that differ from place to place, the same for every run.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
    bytes.removeLast(bytes.count - count)
    return bytes
}

/// Keeps large values out of the report of a failed expectation.
func isTrue(_ value: Bool) -> Bool { value }
