import Exchange
import Foundation
import Registry
import Testing

@Suite struct ChannelTests {
    @Test func `a channel comes with its certificates, keys and applications`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        try fixture.registry.addChannel(
            NewChannel(
                kind: .sftp, certificates: [certificate(1), certificate(2)], keys: [key(1), key(2)],
                applications: ["dmfa", "dimona", "dmfa"]),
            to: number)
        let channel = try fixture.channel(.sftp, of: number)
        #expect(channel.applications.map(\.code) == ["dimona", "dmfa"])
        #expect(channel.applications.map(\.isPreferred) == [true, true])
        #expect(Set(channel.certificates.map(\.facts)) == [try certificate(1), try certificate(2)])
        #expect(channel.keys.count == 2)
        #expect(channel.keys.allSatisfy { $0.algorithm == "ssh-ed25519" && $0.bits == 256 })
        #expect(channel.registeredAt == Fixture.now)
    }

    @Test func `one fault and nothing of the channel is kept`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        expectFault(.alreadyExists) {
            try fixture.registry.addChannel(
                NewChannel(
                    kind: .sftp, certificates: [certificate(1), certificate(1)], applications: ["dmfa"]),
                to: number)
        }
        #expect(try fixture.registry.sender(number)?.channels.isEmpty == true)
        let other = try fixture.sender(1)
        try fixture.registry.addChannel(NewChannel(kind: .sftp, certificates: [certificate(1)]), to: other)
    }

    @Test func `a second channel of a kind is refused`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        try fixture.registry.addChannel(NewChannel(kind: .web), to: number)
        expectFault(.channelExists) { try fixture.registry.addChannel(NewChannel(kind: .web), to: number) }
        try fixture.registry.addChannel(NewChannel(kind: .folder), to: number)
    }

    @Test func `only the channel sftp takes keys`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        for kind in ChannelKind.allCases where kind != .sftp {
            expectFault(.invalid) {
                try fixture.registry.addChannel(NewChannel(kind: kind, keys: [key(1)]), to: number)
            }
        }
    }

    @Test(arguments: ["", "Dmfa", "dmfa;", "dm fa", String(repeating: "a", count: 41)])
    func `an application code of another shape is refused`(_ code: String) throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        expectFault(.invalid) {
            try fixture.registry.addChannel(NewChannel(kind: .web, applications: [code]), to: number)
        }
    }

    @Test func `the first channel that holds an application is preferred until another is`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        try fixture.registry.addChannel(NewChannel(kind: .sftp, applications: ["dmfa", "drs"]), to: number)
        try fixture.registry.addChannel(
            NewChannel(kind: .folder, applications: ["dmfa", "drs", "site"], preferring: ["drs"]), to: number)
        #expect(try preferred(.sftp, fixture, number) == ["dmfa"])
        #expect(try preferred(.folder, fixture, number) == ["drs", "site"])
        try fixture.registry.prefer(.folder, for: "dmfa", of: number)
        #expect(try preferred(.sftp, fixture, number) == [])
        #expect(try preferred(.folder, fixture, number) == ["dmfa", "drs", "site"])
    }

    @Test func `an application the channel does not hold cannot be preferred`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        try fixture.registry.addChannel(NewChannel(kind: .sftp, applications: ["dmfa"]), to: number)
        expectFault(.applicationMissing) {
            try fixture.registry.addChannel(
                NewChannel(kind: .ftp, applications: ["drs"], preferring: ["dmfa"]), to: number)
        }
        expectFault(.applicationMissing) { try fixture.registry.prefer(.sftp, for: "drs", of: number) }
        expectFault(.channelMissing) { try fixture.registry.prefer(.ftp, for: "dmfa", of: number) }
        #expect(try preferred(.sftp, fixture, number) == ["dmfa"])
    }

    @Test func `a removed channel leaves its preference to one other that holds the application`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        try fixture.registry.addChannel(NewChannel(kind: .sftp, applications: ["dmfa", "drs"]), to: number)
        try fixture.registry.addChannel(NewChannel(kind: .web, applications: ["dmfa"]), to: number)
        try fixture.registry.addChannel(
            NewChannel(kind: .folder, applications: ["dmfa", "site"]), to: number)
        try fixture.registry.removeChannel(.sftp, of: number)
        let preferences = try [ChannelKind.web, .folder].map { try preferred($0, fixture, number) }
        #expect(preferences.flatMap { $0 }.sorted() == ["dmfa", "site"])
        try fixture.registry.removeChannel(.folder, of: number)
        #expect(try preferred(.web, fixture, number) == ["dmfa"])
        expectFault(.channelMissing) { try fixture.registry.removeChannel(.folder, of: number) }
    }

    @Test func `senders are listed by the channels they have`() throws {
        let fixture = try Fixture()
        for index in [3, 1, 2] {
            let number = try fixture.sender(index)
            if index != 2 { try fixture.registry.addChannel(NewChannel(kind: .folder), to: number) }
        }
        #expect(fixture.registry.activeSenders(on: .folder).map(\.description) == ["000001", "000003"])
        #expect(fixture.registry.activeSenders(on: .sftp).isEmpty)
    }

    private func preferred(_ kind: ChannelKind, _ fixture: Fixture, _ number: SenderNumber) throws -> Set<
        String
    > {
        let standing = try #require(try fixture.registry.standing(of: number, at: Fixture.now))
        return try #require(standing.channels.first { $0.kind == kind }).preferred
    }
}
