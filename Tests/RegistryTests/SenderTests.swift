import Exchange
import Foundation
import Registry
import Testing

@Suite struct SenderTests {
    @Test func `a registered sender is read back whole`() throws {
        let fixture = try Fixture()
        var sender = try newSender(6400)
        sender.contact = ContactPerson(
            lastName: "Peeters", firstName: "An", title: "Mevr.", function: "HR", language: .nl,
            telephone: "+32 2 000 00 00", emails: ["a@example.be", "b@example.be", "c@example.be"])
        try fixture.registry.register(sender)
        let record = try #require(try fixture.registry.sender(sender.number))
        #expect(record.number == sender.number)
        #expect(record.user == sender.user)
        #expect(record.name == "Sender 6400")
        #expect(record.enterprise == sender.enterprise)
        #expect(record.nsso == sender.nsso)
        #expect(record.contact == sender.contact)
        #expect(record.registeredAt == Fixture.now)
        #expect(!record.isBlocked)
        #expect(record.channels.isEmpty)
    }

    @Test func `a sender needs no contact, and an address alone is one`() throws {
        let fixture = try Fixture()
        var silent = try newSender(1)
        silent.contact = nil
        silent.nsso = nil
        try fixture.registry.register(silent)
        #expect(try fixture.registry.sender(silent.number)?.contact == nil)
        #expect(try fixture.registry.sender(silent.number)?.nsso == nil)
        let other = try fixture.sender(2)
        #expect(try fixture.registry.sender(other)?.contact == ContactPerson(emails: ["batch@example.be"]))
    }

    @Test func `senders are listed by number`() throws {
        let fixture = try Fixture()
        for index in [300, 1, 20] { try fixture.sender(index) }
        #expect(try fixture.registry.senders().map(\.number.description) == ["000001", "000020", "000300"])
    }

    @Test func `a number in use is refused`() throws {
        let fixture = try Fixture()
        try fixture.sender(1)
        expectFault(.numberTaken) { try fixture.registry.register(newSender(1, user: "EXPother")) }
    }

    @Test func `a user in use is refused, and its case counts`() throws {
        let fixture = try Fixture()
        try fixture.sender(1, user: "EXPacme")
        expectFault(.userTaken) { try fixture.sender(2, user: "EXPacme") }
        try fixture.sender(3, user: "EXPAcme")
    }

    @Test func `a removed sender frees its user and keeps its number`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender(1, user: "EXPacme")
        try fixture.registry.addChannel(
            NewChannel(kind: .sftp, certificates: [certificate(1)], keys: [key(1)], applications: ["dmfa"]),
            to: number)
        try fixture.registry.remove(number)
        #expect(try fixture.registry.sender(number) == nil)
        #expect(try fixture.registry.standing(of: number, at: Fixture.now) == nil)
        expectFault(.numberTaken) { try fixture.sender(1, user: "EXPnew") }
        let second = try fixture.sender(2, user: "EXPacme")
        try fixture.registry.addChannel(NewChannel(kind: .sftp, certificates: [certificate(1)]), to: second)
    }

    @Test func `an empty name and an address that is none are refused`() throws {
        let fixture = try Fixture()
        var nameless = try newSender(1)
        nameless.name = ""
        expectFault(.invalid) { try fixture.registry.register(nameless) }
        var unreachable = try newSender(1)
        unreachable.contact = ContactPerson(emails: ["nobody"])
        expectFault(.invalid) { try fixture.registry.register(unreachable) }
        unreachable.contact = ContactPerson(emails: ["a@b.be", "b@b.be", "c@b.be", "d@b.be"])
        expectFault(.invalid) { try fixture.registry.register(unreachable) }
        #expect(try fixture.registry.senders().isEmpty)
    }

    @Test func `a blocked sender keeps all it has and stands no longer`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        try fixture.registry.addChannel(
            NewChannel(kind: .sftp, certificates: [certificate(1)], applications: ["dmfa"]), to: number)
        let before = try fixture.registry.sender(number)
        try fixture.registry.setBlocked(true, number)
        #expect(try fixture.registry.sender(number)?.isBlocked == true)
        #expect(try fixture.registry.sender(number)?.channels == before?.channels)
        #expect(try fixture.registry.standing(of: number, at: Fixture.now)?.isActive == false)
        #expect(fixture.registry.activeSenders(on: .sftp).isEmpty)
        try fixture.registry.setBlocked(false, number)
        #expect(try fixture.registry.sender(number) == before)
        #expect(try fixture.registry.standing(of: number, at: Fixture.now)?.isActive == true)
        #expect(fixture.registry.activeSenders(on: .sftp) == [number])
    }

    @Test func `an unknown sender is not found`() throws {
        let fixture = try Fixture()
        let stranger = try number(9)
        #expect(try fixture.registry.sender(stranger) == nil)
        expectFault(.notFound) { try fixture.registry.setBlocked(true, stranger) }
        expectFault(.notFound) { try fixture.registry.remove(stranger) }
        expectFault(.notFound) { try fixture.registry.addChannel(NewChannel(kind: .ftp), to: stranger) }
        expectFault(.notFound) { try fixture.registry.removeChannel(.ftp, of: stranger) }
        expectFault(.notFound) { try fixture.registry.prefer(.ftp, for: "dmfa", of: stranger) }
        expectFault(.notFound) {
            try fixture.registry.revokeKey(fingerprint: "SHA256:x", of: stranger, at: Fixture.now)
        }
        expectFault(.notFound) {
            try fixture.registry.addCertificate(
                certificate(1), validFrom: nil, validUntil: nil, to: .ftp, of: stranger)
        }
    }

    @Test func `a record survives JSON, its numbers written as text`() throws {
        let fixture = try Fixture()
        let number = try fixture.sender()
        try fixture.registry.addChannel(
            NewChannel(
                kind: .sftp, certificates: [certificate(1), certificate(2)], keys: [key(1)],
                applications: ["dmfa"]),
            to: number)
        try fixture.registry.revokeCertificate(certificate(1).fingerprint, of: number, at: Fixture.now)
        let record = try #require(try fixture.registry.sender(number))
        let json = try JSONEncoder().encode(record)
        #expect(try JSONDecoder().decode(SenderRecord.self, from: json) == record)
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(object["number"] as? String == "006400")
        #expect(object["user"] as? String == "EXPsender6400")
        #expect(object["enterprise"] as? String == "0401234560")
        #expect(object["nsso"] as? String == "123456749")
    }
}
