import Exchange
import Foundation
import GRDB
import Testing

@testable import Registry

@Suite struct PasswordTests {
    /// One sender with a channel ftp and the password `Correct-Horse-9`.
    private func arranged() throws -> (Fixture, SenderNumber) {
        let fixture = try Fixture()
        let number = try fixture.sender(1)
        try fixture.registry.addChannel(
            NewChannel(kind: .ftp, applications: ["dmfa"], password: password(for: "EXPsender1")), to: number)
        return (fixture, number)
    }

    @Test func `a channel begins with its password`() throws {
        let (fixture, number) = try arranged()
        #expect(try fixture.channel(.ftp, of: number).passwordSetAt == Fixture.now)
        let accounts = try fixture.registry.ftpAccounts(at: Fixture.now)
        #expect(accounts.map(\.sender) == [number])
        #expect(accounts.map(\.user.description) == ["EXPsender1"])
        #expect(accounts.map(\.setAt) == [Fixture.now])
        #expect(accounts.first?.hash.matches("Correct-Horse-9") == true)
        for wrong in ["correct-Horse-9", "Correct-Horse-9 ", "Correct-Horse-", "", "Correct-Horse-9\0"] {
            #expect(accounts.first?.hash.matches(wrong) == false, "\(wrong)")
        }
    }

    @Test func `a new password takes the place of the old one`() throws {
        let (fixture, number) = try arranged()
        let later = try Registry.open(at: fixture.path, clock: { Fixture.now + 60 })
        try later.setPassword(password("Another-Horse-8", for: "EXPsender1"), of: number)
        let account = try #require(try fixture.registry.ftpAccounts(at: Fixture.now + 60).first)
        #expect(account.hash.matches("Another-Horse-8"))
        #expect(!account.hash.matches("Correct-Horse-9"))
        #expect(account.setAt == Fixture.now + 60)
        #expect(try fixture.channel(.ftp, of: number).passwordSetAt == Fixture.now + 60)
    }

    @Test func `the same password is never stored as the same text`() throws {
        let hashes = try (0..<2).map { _ in try PasswordHash(of: password(for: "EXPsender1")).crypt }
        #expect(Set(hashes).count == 2)
        #expect(hashes.allSatisfy { $0.hasPrefix("$y$jAT$") })
    }

    @Test func `another program's crypt makes the same of it`() throws {
        let hash = try PasswordHash(of: password("A:b$c%d'e\"f\\g1", for: "EXPsender1")).crypt
        let perl = Process()
        perl.executableURL = URL(fileURLWithPath: "/usr/bin/perl")
        perl.arguments = ["-e", "print crypt($ARGV[0], $ARGV[1])", "A:b$c%d'e\"f\\g1", hash]
        let pipe = Pipe()
        perl.standardOutput = pipe
        try perl.run()
        let made = pipe.fileHandleForReading.readDataToEndOfFile()
        perl.waitUntilExit()
        #expect(String(decoding: made, as: UTF8.self) == hash)
    }

    @Test func `accounts are those of active senders with a password in life`() throws {
        let fixture = try Fixture()
        let registry = fixture.registry
        for index in [5, 1, 2, 3, 4] { try fixture.sender(index) }
        for index in [1, 2, 3, 5] {
            let secret = index == 2 ? nil : try password(for: "EXPsender\(index)")
            try registry.addChannel(NewChannel(kind: .ftp, password: secret), to: number(index))
        }
        try registry.addChannel(NewChannel(kind: .sftp), to: number(4))
        try registry.setBlocked(true, number(3))
        func accounts(after seconds: Double, life: Double) throws -> [String] {
            try registry.ftpAccounts(at: Fixture.now + seconds, passwordsLiving: life).map(
                \.sender.description)
        }
        #expect(try accounts(after: 0, life: 10) == ["000001", "000005"])
        #expect(try accounts(after: 9.999, life: 10) == ["000001", "000005"])
        #expect(try accounts(after: 10, life: 10) == [])
        #expect(try accounts(after: FTPPassword.life - 1, life: FTPPassword.life) == ["000001", "000005"])
        try registry.setBlocked(false, number(3))
        try registry.removeChannel(.ftp, of: number(1))
        try registry.remove(number(5))
        #expect(try accounts(after: 0, life: 10) == ["000003"])
    }

    @Test func `a password for another user, channel or sender is refused`() throws {
        let (fixture, number) = try arranged()
        let registry = fixture.registry
        let other = try fixture.sender(2)
        let secret = try password(for: "EXPsender1")
        expectFault(.invalid) { try registry.setPassword(password(for: "EXPsender2"), of: number) }
        expectFault(.channelMissing) { try registry.setPassword(secret, of: other) }
        expectFault(.notFound) { try registry.setPassword(secret, of: RegistryTests.number(3)) }
        expectFault(.invalid) { try registry.addChannel(NewChannel(kind: .ftp, password: secret), to: other) }
        for kind in ChannelKind.allCases where kind != .ftp {
            expectFault(.invalid) {
                try registry.addChannel(NewChannel(kind: kind, password: secret), to: number)
            }
        }
        #expect(try registry.sender(other)?.channels == [])
        #expect(try registry.ftpAccounts(at: Fixture.now).map(\.sender) == [number])
    }

    @Test func `a session that was open sees a new password at once`() throws {
        let (fixture, number) = try arranged()
        let before = try fixture.registry.revision()
        let other = try Registry.open(at: fixture.path, clock: { Fixture.now + 1 })
        try other.setPassword(password("Another-Horse-8", for: "EXPsender1"), of: number)
        #expect(try fixture.registry.revision() != before)
        #expect(try fixture.registry.currentSender(number)?.channels.first?.passwordSetAt == Fixture.now + 1)
    }

    @Test func `no hash is in what a record shows`() throws {
        let (fixture, number) = try arranged()
        let record = try #require(try fixture.registry.sender(number))
        let json = String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        #expect(json.contains("passwordSetAt"))
        #expect(!json.contains("$y$") && !json.lowercased().contains("hash"))
        #expect(try JSONDecoder().decode(SenderRecord.self, from: Data(json.utf8)) == record)
    }

    @Test func `a damaged hash is a fault and no account`() throws {
        let (fixture, _) = try arranged()
        try DatabaseQueue(path: fixture.path).writeWithoutTransaction {
            try $0.execute(
                sql: "PRAGMA ignore_check_constraints = 1; UPDATE channel SET passwordHash = 'x:0:0'")
        }
        let fault = #expect(throws: RegistryFault.self) { try fixture.registry.ftpAccounts(at: Fixture.now) }
        guard case .unavailable = fault?.code else { Issue.record("\(String(describing: fault))"); return }
    }
}
