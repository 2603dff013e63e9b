public import Exchange
internal import Foundation
public import Logging
internal import Synchronization

/// Sets that senders leave at a file server of someone else, or in a watched folder: every account is looked at from
/// time to time over a few connections, its ready sets are handed in whole, and its answers are carried out there.
///
/// A set is removed at the server, GO first, only when the spool has it durably; it is never taken twice, whenever this
/// process or a connection ends. A server or an account that fails waits, and nobody waits for it.
public final class Inbox: Sendable {
    private let ground: InboxGround
    private let server: any RemoteServer
    private let accounts: @Sendable () -> [InboxAccount]
    private let schedule: Mutex<InboxSchedule>
    private let stopped = SteadySemaphore()

    /// - Parameters:
    ///   - accounts: those to be looked at, asked again in every interval; the first of a sender counts. Blocked senders
    ///     are not among them.
    ///   - homes: where answers are read.
    public convenience init(
        _ configuration: Configuration, server: any RemoteServer,
        accounts: @escaping @Sendable () -> [InboxAccount],
        intake: any SetIntake, homes: any Intake, outbox: any Outbox, logger: Logger
    ) {
        self.init(
            server: server, accounts: accounts,
            ground: InboxGround(
                configuration, intake: intake, homes: homes, outbox: outbox, clock: InboxClock(),
                logger: logger))
    }

    init(
        server: any RemoteServer, accounts: @escaping @Sendable () -> [InboxAccount], ground: InboxGround
    ) {
        self.server = server
        self.accounts = accounts
        self.ground = ground
        schedule = Mutex(InboxSchedule(interval: ground.configuration.interval))
    }

    /// Looks until `stop`, on threads of its own; blocks the caller's.
    public func run() {
        let working = DispatchGroup()
        for _ in 0..<max(1, ground.configuration.connections) {
            working.enter()
            let thread = Thread { [self] in
                work()
                working.leave()
            }
            thread.stackSize = 4 * 1024 * 1024
            thread.start()
        }
        working.wait()
    }

    /// Ends `run` after the set in hand, or some seconds later in the midst of it: what a slow server keeps from ending is
    /// broken off, and begun again by the next inbox.
    public func stop() {
        ground.stop()
        stopped.signal()
    }

    private func work() {
        let line = InboxLine(to: server, until: { [ground] in ground.isOutOfPatience })
        defer { line.close() }
        while !ground.isStopping {
            let wait = lookAtDue(on: line)
            if wait > ground.configuration.idle { line.close() }
            // No longer than a second: others bring accounts, and put them back.
            if stopped.wait(atMost: min(wait, 1)) { break }
        }
        // For the next thread.
        stopped.signal()
    }

    /// Looks at accounts as long as one is due; returns the seconds until another may be.
    func lookAtDue(on line: InboxLine) -> TimeInterval {
        while !ground.isStopping {
            let now = ground.clock.seconds()
            if schedule.withLock({ $0.wantsAccounts(at: now) }) {
                let accounts = accounts()
                schedule.withLock { $0.replace(accounts, at: now) }
            }
            switch schedule.withLock({ $0.next(at: now) }) {
            case .wait(let seconds): return seconds
            case .look(let account, let memory): look(at: account, memory, on: line)
            }
        }
        return 0
    }

    private func look(at account: InboxAccount, _ memory: InboxMemory, on line: InboxLine) {
        var look = InboxLook(at: account, on: line, memory, ground)
        var fault: InboxFault?
        do throws(InboxFault) {
            try look.run()
        } catch {
            fault = error
        }
        let again = look.again
        let news = schedule.withLock {
            $0.finish(account, look.memory, fault, again: again, ground.clock)
        }
        if let news, !ground.isStopping { say(news, account, fault) }
    }

    private func say(_ news: InboxNews, _ account: InboxAccount, _ fault: InboxFault?) {
        var words = ["server": server.address, "user": account.logIn.user]
        if let fault { words["fault"] = fault.sentence }
        switch news {
        case .serverLost:
            ground.log(.warning, "a server is not reached; it is tried again", account, nil, words)
        case .serverBack: ground.log(.notice, "a server is reached again", account, nil, words)
        case .accountLost: ground.log(.warning, "an account fails; it is tried again", account, nil, words)
        case .accountBack: ground.log(.notice, "an account is looked at again", account, nil, words)
        }
    }
}
