import Exchange
import Foundation
import Logging
import Synchronization
import Testing

@testable import Channels

/// An inbox before a server, a spool and an outbox in memory, with a clock that is set by hand.
final class InboxRig: Sendable {
    let server = FakeFileServer()
    let intake = FakeSetIntake()
    let homes = FakeIntake()
    let outbox: FakeOutbox
    let log = RecordedLog()
    let accounts: Mutex<[InboxAccount]>
    private let now = Mutex<TimeInterval>(1000)
    private let inbox: Mutex<Inbox?> = Mutex(nil)
    private let change: @Sendable (inout Inbox.Configuration) -> Void

    init(
        _ senders: [String] = ["006400"],
        _ change: @escaping @Sendable (inout Inbox.Configuration) -> Void = { _ in }
    ) throws {
        self.change = change
        outbox = FakeOutbox(homes: homes)
        accounts = Mutex(
            try senders.map { digits in
                InboxAccount(
                    sender: try #require(SenderNumber(digits)),
                    logIn: RemoteLogIn(user: "u\(digits)", proof: .password(Secret("secret"))),
                    home: RemotePath(digits))
            })
        for digits in senders { server.makeHome(digits) }
        restart()
    }

    /// A new inbox that knows nothing but what the spool and the server have.
    func restart() {
        var configuration = Inbox.Configuration(name: "test", channel: .ftp)
        change(&configuration)
        let clock = InboxClock(seconds: { [weak self] in self?.now.withLock { $0 } ?? 0 })
        let ground = InboxGround(
            configuration, intake: intake, homes: homes, outbox: outbox, clock: clock,
            logger: Logger(label: "test") { [log] _ in log })
        let made = Inbox(
            server: server, accounts: { [weak self] in self?.accounts.withLock { $0 } ?? [] }, ground: ground)
        inbox.withLock { $0 = made }
    }

    /// Seconds since 1970 by the rig's clock.
    var date: TimeInterval { now.withLock { $0 } + 1_000_000 }

    /// Waits, then looks at every account that is due.
    func look(after seconds: TimeInterval = 60) {
        now.withLock { $0 += seconds }
        let line = InboxLine(to: server)
        _ = current.lookAtDue(on: line)
        line.close()
    }

    var current: Inbox {
        guard let inbox = inbox.withLock({ $0 }) else { preconditionFailure("no inbox was made") }
        return inbox
    }

    func sender(_ digits: String = "006400") throws -> SenderNumber { try #require(SenderNumber(digits)) }

    /// Names in `IN` of the first sender.
    var incoming: [String] { server.names("006400/IN") }
    var outgoing: [String] { server.names("006400/OUT") }

    func put(_ name: String, _ text: String = "", modifiedAt: Double? = nil) {
        server.put("006400/IN/\(name)", Array(text.utf8), modifiedAt: modifiedAt)
    }

    /// The FI and the FS of a set of one part.
    func putFiles(_ stem: String = InboxRig.stem, _ text: String = "declaration") {
        put("FI.\(stem).1", text)
        put("FS.\(stem).1", "signature of \(text)")
    }

    static let stem = "DMFA.006400.20260420.00001.R.1"
}

/// Keeps what was logged.
final class RecordedLog: LogHandler {
    private let lines = Mutex<[String]>([])

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        guard event.level >= .info else { return }
        let metadata = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        lines.withLock { $0.append("\(event.level) \(event.message) \(metadata)") }
    }

    /// Those that hold the text.
    func lines(with text: String) -> [String] { lines.withLock { $0.filter { $0.contains(text) } } }
}
