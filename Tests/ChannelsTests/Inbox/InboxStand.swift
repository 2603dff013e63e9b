import Exchange
import Foundation
import Logging
import Synchronization

@testable import Channels

/// An inbox over a real server, or a directory, with the spool and the outbox in memory and a clock that is set by hand.
final class InboxStand: Sendable {
    let intake = FakeSetIntake()
    let outbox: FakeOutbox
    let log = RecordedLog()
    let accounts: Mutex<[InboxAccount]>
    private let homes = FakeIntake()
    private let server: any RemoteServer
    private let configuration: Inbox.Configuration
    private let seconds = Mutex<TimeInterval>(1000)
    private let inbox: Mutex<Inbox?> = Mutex(nil)

    init(
        over server: any RemoteServer, _ accounts: [InboxAccount], _ configuration: Inbox.Configuration
    ) {
        outbox = FakeOutbox(homes: homes)
        self.server = server
        self.accounts = Mutex(accounts)
        self.configuration = configuration
    }

    /// The next look is by an inbox that knows nothing.
    func restart() {
        inbox.withLock { $0 = nil }
    }

    func look(after seconds: TimeInterval = 60) {
        self.seconds.withLock { $0 += seconds }
        let inbox = inbox.withLock { inbox in
            let used = inbox ?? made()
            inbox = used
            return used
        }
        let line = InboxLine(to: server)
        _ = inbox.lookAtDue(on: line)
        line.close()
    }

    private func made() -> Inbox {
        Inbox(
            server: server, accounts: { [weak self] in self?.accounts.withLock { $0 } ?? [] },
            ground: InboxGround(
                configuration, intake: intake, homes: homes, outbox: outbox,
                clock: InboxClock(seconds: { [weak self] in self?.seconds.withLock { $0 } ?? 0 }),
                logger: Logger(label: "test") { [log] _ in log }))
    }
}
