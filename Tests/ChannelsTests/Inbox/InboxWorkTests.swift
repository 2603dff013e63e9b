import Exchange
import Foundation
import Logging
import Synchronization
import TestServers
import Testing

@testable import Channels

/// The inbox with its own threads and the real clock.
@Suite struct InboxWorkTests {
    /// Polls until it holds; five minutes at least. On its thread, not as a task: were it to wait for a turn, accounts that
    /// fail would be put off meanwhile for longer and longer.
    private func eventually(_ condition: () -> Bool) {
        for _ in 0..<30_000 where !condition() { Thread.sleep(forTimeInterval: 0.01) }
        #expect(condition())
    }

    private func inbox(
        _ server: FakeFileServer, _ intake: FakeSetIntake, _ senders: [SenderNumber], connections: Int,
        _ log: RecordedLog
    ) -> Inbox {
        var configuration = Inbox.Configuration(name: "test", channel: .sftp)
        configuration.interval = 0.05
        configuration.connections = connections
        let homes = FakeIntake()
        let accounts = senders.map { sender in
            InboxAccount(
                sender: sender, logIn: RemoteLogIn(user: "u\(sender)", proof: .agent),
                home: RemotePath(sender.description))
        }
        return Inbox(
            configuration, server: server, accounts: { accounts }, intake: intake, homes: homes,
            outbox: FakeOutbox(homes: homes), logger: Logger(label: "test") { _ in log })
    }

    @Test func `dead and slow accounts do not delay the many others`() throws {
        let server = FakeFileServer()
        let intake = FakeSetIntake()
        let log = RecordedLog()
        let senders = try (6000..<6200).map { try #require(SenderNumber("00\($0)")) }
        let stalled = DispatchSemaphore(value: 0)
        let looks = Mutex<[String: Int]>([:])
        let mostAtOnce = Mutex(0)
        for sender in senders {
            server.makeHome("\(sender)")
            server.put("\(sender)/IN/ZI.DMFA.\(sender).20260420.00001.R.1.1", [1])
        }
        server.fail { call in
            if call.kind == "connect", call.target.hasSuffix("7") { return .fails(.notAdmitted) }
            if call.kind == "list", call.target == "006000/IN" { stalled.wait() }
            if call.kind == "list", call.target.hasSuffix("1/IN") { return .fails(.brokenOff) }
            if call.kind == "remove" {
                let sender = String(call.target.prefix(6))
                let now = looks.withLock { looks in
                    looks[sender, default: 0] += 1
                    return looks[sender] ?? 0
                }
                mostAtOnce.withLock { $0 = max($0, now) }
                Thread.sleep(forTimeInterval: 0.001)
                looks.withLock { $0[sender, default: 0] -= 1 }
            }
            return .fine
        }
        let inbox = inbox(server, intake, senders, connections: 4, log)
        let ended = Mutex(false)
        Thread.detachNewThread {
            inbox.run()
            ended.withLock { $0 = true }
        }
        let dead = senders.filter { ["7", "1"].contains($0.description.suffix(1)) }.count
        eventually { intake.sealed.count == senders.count - dead - 1 }
        #expect(Set(intake.sealed.map(\.sender)).count == intake.sealed.count)
        eventually { log.lines(with: "an account fails").count == dead }
        stalled.signal()
        server.fail { _ in .fine }
        eventually { intake.sealed.count == senders.count }
        inbox.stop()
        eventually { ended.withLock { $0 } }
        #expect(server.state.withLock { $0.open } == 0)
        #expect(server.state.withLock { $0.mostOpen } <= 4)
        #expect(mostAtOnce.withLock { $0 } == 1, "one account was looked at by two")
        #expect(Set(intake.sealed.map(\.sender)).count == senders.count)
        #expect(intake.sealed.count == senders.count)
    }

    @Test func `one log-in for many senders is one connection for each thread`() throws {
        let server = FakeFileServer()
        let intake = FakeSetIntake()
        let senders = try (6000..<6050).map { try #require(SenderNumber("00\($0)")) }
        for sender in senders {
            server.makeHome("\(sender)")
            server.put("\(sender)/IN/ZI.DMFA.\(sender).20260420.00001.R.1.1", [1])
        }
        var configuration = Inbox.Configuration(name: "test", channel: .sftp)
        configuration.connections = 2
        configuration.interval = 86_400
        configuration.idle = 86_400
        let homes = FakeIntake()
        let inbox = Inbox(
            configuration, server: server,
            accounts: {
                senders.map {
                    InboxAccount(
                        sender: $0, logIn: RemoteLogIn(user: "all", proof: .agent),
                        home: RemotePath($0.description))
                }
            }, intake: intake, homes: homes, outbox: FakeOutbox(homes: homes),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let ended = Mutex(false)
        Thread.detachNewThread {
            inbox.run()
            ended.withLock { $0 = true }
        }
        eventually { intake.sealed.count == 50 }
        inbox.stop()
        eventually { ended.withLock { $0 } }
        #expect(server.calls("connect").count <= 2)
    }

    /// Where a server begins to give a few bytes now and then.
    enum Trickle: CaseIterable {
        case listing, download, silence
    }

    @Test(arguments: Trickle.allCases)
    func `an inbox is stopped in the midst of what a slow server keeps from ending`(_ place: Trickle)
        throws
    {
        let stem = InboxRig.stem
        var script = ScriptedFTPScript(files: ["ZI.\(stem).1": [UInt8](repeating: 1, count: 1_000_000)])
        script.dataEnd = place == .listing ? (10, .trickle) : (1000, place == .download ? .trickle : .stall)
        if place == .listing { script.emptyFiles = 10_000 }
        let server = try ScriptedFTPServer(script)
        defer { server.stop() }
        var settings = FTPFileServer.Settings(host: "127.0.0.1", port: server.port, security: .plaintext)
        // Nothing else ends it.
        settings.stallTimeout = .seconds(86_400)
        let homes = FakeIntake()
        let intake = FakeSetIntake()
        let log = RecordedLog()
        let account = InboxAccount(
            sender: try #require(SenderNumber("006400")),
            logIn: RemoteLogIn(user: "anybody", proof: .password(Secret("x"))), home: nil)
        let inbox = Inbox(
            Inbox.Configuration(name: "slow", channel: .ftp), server: FTPFileServer(settings),
            accounts: { [account] }, intake: intake, homes: homes, outbox: FakeOutbox(homes: homes),
            logger: Logger(label: "test") { _ in log })
        let ended = Mutex(false)
        Thread.detachNewThread {
            inbox.run()
            ended.withLock { $0 = true }
        }
        let awaited = place == .listing ? "MLSD" : "RETR"
        eventually { server.commands.contains { $0.hasPrefix(awaited) } }
        inbox.stop()
        eventually { ended.withLock { $0 } }
        #expect(intake.sealed.isEmpty && intake.state.withLock { $0.open } == 0)
        #expect(log.lines(with: "").isEmpty)
    }
}
