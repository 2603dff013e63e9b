import Exchange
import Foundation
import Synchronization
import TestServers
import Testing

@testable import Channels

@Suite struct InboxScheduleTests {
    private static func account(_ digits: String, user: String? = nil, home: String? = nil) throws
        -> InboxAccount
    {
        InboxAccount(
            sender: try #require(SenderNumber(digits)),
            logIn: RemoteLogIn(user: user ?? digits, proof: .agent), home: home.flatMap { RemotePath($0) })
    }

    private static func clock(_ seconds: TimeInterval) -> InboxClock {
        InboxClock(seconds: { seconds })
    }

    private static func fault(_ kind: RemoteFault.Kind) -> RemoteFault { RemoteFault(kind, "no") }

    /// The senders that are due, all taken in hand.
    private func due(_ schedule: inout InboxSchedule, at now: TimeInterval) -> [String] {
        var senders: [String] = []
        while case .look(let account, _) = schedule.next(at: now) { senders.append("\(account.sender)") }
        return senders
    }

    @Test func `the account that is due longest comes first, and none twice at once`() throws {
        var schedule = InboxSchedule(interval: 10)
        schedule.replace([try Self.account("006401")], at: 5)
        schedule.replace([try Self.account("006400"), try Self.account("006401")], at: 6)
        #expect(due(&schedule, at: 6) == ["006401", "006400"])
        _ = schedule.finish(try Self.account("006400"), InboxMemory(), nil, again: nil, Self.clock(7))
        #expect(due(&schedule, at: 16).isEmpty)
        #expect(due(&schedule, at: 17) == ["006400"])
    }

    @Test func `accounts are asked for once in each interval`() {
        var schedule = InboxSchedule(interval: 10)
        #expect(
            [1, 2, 10, 11, 12, 30].map { schedule.wantsAccounts(at: $0) } == [
                true, false, false, true, false, true,
            ])
    }

    @Test func `an account with more to do is due at once, after those that are due longer`() throws {
        var schedule = InboxSchedule(interval: 10)
        let accounts = [try Self.account("006400"), try Self.account("006401")]
        schedule.replace(accounts, at: 0)
        guard case .look(let first, let memory) = schedule.next(at: 1) else {
            Issue.record("nothing was due")
            return
        }
        _ = schedule.finish(first, memory, nil, again: 0, Self.clock(1))
        #expect(due(&schedule, at: 1) == ["006401", "006400"])
    }

    @Test func `an account whose sender is to pause is due after that, a second later at the least`() throws {
        var schedule = InboxSchedule(interval: 10)
        let account = try Self.account("006400")
        schedule.replace([account], at: 0)
        for (pause, later) in [(0.1, 1.0), (6, 6)] {
            let begin = later * 100
            #expect(due(&schedule, at: begin) == ["006400"])
            _ = schedule.finish(
                account, InboxMemory(), nil, again: pause, Self.clock(begin))
            #expect(due(&schedule, at: begin + later - 0.1).isEmpty)
            #expect(due(&schedule, at: begin + later) == ["006400"])
            _ = schedule.finish(account, InboxMemory(), nil, again: nil, Self.clock(begin + later))
        }
    }

    @Test func `a server that is not reached makes all accounts wait, and one tries it`() throws {
        var schedule = InboxSchedule(interval: 1)
        let accounts = try (6400...6404).map { try Self.account("00\($0)") }
        schedule.replace(accounts, at: 100)
        var now: TimeInterval = 100
        for failures in 1...12 {
            guard case .look(let account, let memory) = schedule.next(at: now) else {
                Issue.record("nobody tried at \(now)")
                return
            }
            let news = schedule.finish(
                account, memory, .connecting(Self.fault(.unreachable)), again: nil, Self.clock(now))
            #expect((news == .serverLost) == (failures == 1))
            guard case .wait(let wait) = schedule.next(at: now) else {
                Issue.record("it was tried again at once")
                return
            }
            let expected = min(300, pow(2, Double(failures - 1)))
            #expect((0.79 * expected...1.21 * expected).contains(wait))
            now += 1.21 * expected
        }
        guard case .look(let account, let memory) = schedule.next(at: now) else {
            Issue.record("nobody tried at \(now)")
            return
        }
        #expect(due(&schedule, at: now).isEmpty, "two tried at once")
        #expect(schedule.finish(account, memory, nil, again: nil, Self.clock(now)) == .serverBack)
        #expect(due(&schedule, at: now).count == 4)
    }

    @Test func `a long look at one account does not keep a server from being tried`() throws {
        var schedule = InboxSchedule(interval: 1)
        let accounts = try (6400...6402).map { try Self.account("00\($0)") }
        schedule.replace(accounts, at: 100)
        guard case .look = schedule.next(at: 100), case .look(let second, let memory) = schedule.next(at: 100)
        else {
            Issue.record("nothing was due")
            return
        }
        _ = schedule.finish(
            second, memory, .connecting(Self.fault(.unreachable)), again: nil, Self.clock(100))
        #expect(due(&schedule, at: 102).count == 1)
    }

    @Test func `a refused log-in makes those wait that share it`() throws {
        var schedule = InboxSchedule(interval: 1)
        let accounts = [
            try Self.account("006400", user: "a", home: "x"),
            try Self.account("006401", user: "a", home: "y"),
            try Self.account("006402", user: "b"),
        ]
        schedule.replace(accounts, at: 100)
        guard case .look(let account, let memory) = schedule.next(at: 100) else {
            Issue.record("nothing was due")
            return
        }
        #expect(
            schedule.finish(
                account, memory, .connecting(Self.fault(.notAdmitted)), again: nil, Self.clock(100))
                == .accountLost)
        #expect(due(&schedule, at: 100) == ["006402"])
        #expect(Set(due(&schedule, at: 101.3)) == ["006400", "006401"])
    }

    @Test func `an account whose connection breaks waits alone`() throws {
        var schedule = InboxSchedule(interval: 1)
        schedule.replace([try Self.account("006400"), try Self.account("006401")], at: 100)
        guard case .look(let account, let memory) = schedule.next(at: 100) else {
            Issue.record("nothing was due")
            return
        }
        let fault = InboxFault.broken(Self.fault(.timedOut))
        #expect(schedule.finish(account, memory, fault, again: nil, Self.clock(100)) == .accountLost)
        #expect(due(&schedule, at: 100.5) == ["006401"])
        #expect(due(&schedule, at: 101.3) == ["006400"])
        #expect(schedule.finish(account, memory, fault, again: nil, Self.clock(102)) == nil)
        #expect(due(&schedule, at: 103.5).isEmpty, "the second fault did not make it wait longer")
        #expect(due(&schedule, at: 105) == ["006400"])
        #expect(schedule.finish(account, memory, nil, again: nil, Self.clock(105)) == .accountBack)
    }

    @Test func `an account that leaves and comes back in hand is not looked at by two`() throws {
        var schedule = InboxSchedule(interval: 1)
        let account = try Self.account("006400")
        schedule.replace([account], at: 0)
        #expect(due(&schedule, at: 0) == ["006400"])
        schedule.replace([], at: 1)
        schedule.replace([account], at: 2)
        #expect(due(&schedule, at: 5).isEmpty)
        _ = schedule.finish(account, InboxMemory(), nil, again: nil, Self.clock(5))
        #expect(due(&schedule, at: 6) == ["006400"])
        schedule.replace([], at: 7)
        _ = schedule.finish(account, InboxMemory(), nil, again: nil, Self.clock(8))
        #expect(due(&schedule, at: 100).isEmpty)
    }

    @Test func `those that share a log-in wait no longer when it is let in again`() throws {
        var schedule = InboxSchedule(interval: 1000)
        let accounts = try ["006400", "006401", "006402"].map { try Self.account($0, user: "a", home: $0) }
        schedule.replace(accounts, at: 100)
        for _ in 0..<2 { _ = schedule.next(at: 100) }
        _ = schedule.finish(
            accounts[0], InboxMemory(), .connecting(Self.fault(.notAdmitted)), again: nil, Self.clock(100)
        )
        #expect(due(&schedule, at: 100).isEmpty)
        _ = schedule.finish(accounts[1], InboxMemory(), nil, again: nil, Self.clock(100))
        #expect(due(&schedule, at: 100) == ["006402"])
    }

    @Test func `many accounts are looked at in the order in which they are due, whatever comes back when`()
        throws
    {
        var schedule = InboxSchedule(interval: 1000)
        var generator = SeededGenerator(seed: 7)
        let accounts = try (6000..<6400).map { try Self.account("00\($0)") }
        schedule.replace(accounts, at: 0)
        var dueAt: [String: TimeInterval] = [:]
        for account in accounts {
            guard case .look(let first, _) = schedule.next(at: 0) else {
                Issue.record("nothing was due")
                return
            }
            #expect(first == account)
        }
        for account in accounts.shuffled(using: &generator) {
            let time = TimeInterval(Int.random(in: 1...100, using: &generator))
            dueAt["\(account.sender)"] = time + 1000
            _ = schedule.finish(account, InboxMemory(), nil, again: nil, Self.clock(time))
        }
        let expected = dueAt.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        guard case .wait(let wait) = schedule.next(at: 1000) else {
            Issue.record("something was due too early")
            return
        }
        #expect(wait == (dueAt.values.min() ?? 0) - 1000 || wait == 0)
        #expect(due(&schedule, at: 2000) == expected)
    }

    @Test func `another home starts without memory`() throws {
        var schedule = InboxSchedule(interval: 1)
        schedule.replace([try Self.account("006400", home: "a")], at: 0)
        var memory = InboxMemory()
        memory.mailboxes[.incoming] = MailboxMemory()
        guard case .look(let account, _) = schedule.next(at: 0) else {
            Issue.record("nothing was due")
            return
        }
        schedule.replace([try Self.account("006400", home: "b")], at: 0)
        _ = schedule.finish(account, memory, nil, again: 0, Self.clock(0))
        guard case .look(let moved, let kept) = schedule.next(at: 0) else {
            Issue.record("nothing was due")
            return
        }
        #expect(moved.home == RemotePath("b") && kept.mailboxes.isEmpty)
    }
}
