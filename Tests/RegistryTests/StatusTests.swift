import Exchange
import Foundation
import GRDB
import Testing

@testable import Registry

/// Where statuses come from, what is due, and what responders said.
@Suite struct StatusTests {
    private let now = Fixture.now
    private let serial = "0A"

    private func source(
        _ kind: StatusSource.Kind, ageLimit: TimeInterval = 3600, url: String = "http://crl.example.be/a"
    ) throws -> StatusSource {
        try #require(StatusSource(kind, url: kind == .file ? nil : url, ageLimit: ageLimit))
    }

    private func status(_ made: TimeInterval, revokedAt: Date? = nil, fetched: TimeInterval = 0)
        -> CertificateStatus
    {
        CertificateStatus(
            revokedAt: revokedAt, thisUpdate: now + made, nextUpdate: now + made + 3600,
            fetchedAt: now + fetched)
    }

    /// An authority with a source, and a certificate of a sender.
    private func filled(_ kind: StatusSource.Kind) throws -> (Fixture, authority: Digest, certificate: Digest)
    {
        let fixture = try Fixture()
        let authority = try certificate(9, isAuthority: true)
        let signer = try certificate(1)
        try fixture.registry.addAuthority(authority)
        try fixture.registry.setSource(source(kind), of: authority.fingerprint)
        try fixture.sender(1)
        try fixture.registry.addChannel(
            NewChannel(kind: .web, certificates: [signer], applications: ["dmfa"]), to: number(1))
        return (fixture, authority.fingerprint, signer.fingerprint)
    }

    private func due(_ registry: Registry, at time: Date) throws -> [Digest] {
        try registry.authoritiesDue(at: time).map(\.facts.fingerprint)
    }

    @Test func `an authority has files until another source is set`() throws {
        let fixture = try Fixture()
        let authority = try certificate(9, isAuthority: true)
        try fixture.registry.addAuthority(authority)
        #expect(try fixture.registry.authorities().map(\.source) == [.files])
        let responder = try source(.responder, ageLimit: 600, url: "https://ocsp.example.be")
        try fixture.registry.setSource(responder, of: authority.fingerprint)
        let records = try fixture.registry.authorities()
        #expect(records.map(\.source) == [responder])
        let json = try JSONEncoder().encode(records)
        #expect(try JSONDecoder().decode([AuthorityRecord].self, from: json) == records)
        try fixture.registry.setSource(.files, of: authority.fingerprint)
        #expect(try fixture.registry.authorities().map(\.source) == [.files])
        expectFault(.unknownFingerprint) {
            try fixture.registry.setSource(.files, of: certificate(1).fingerprint)
        }
    }

    @Test(arguments: [
        "ftp://a/b", "http://", "https:///x", "http://a b/", "http://user@host/", "http://a/#b",
        "file:///etc",
        "http://a\\b/", "http://a/\u{7F}", "HTTP://A/", "http://" + String(repeating: "a", count: 2000),
    ])
    func `an address that is none of HTTP is no source`(_ url: String) {
        #expect(StatusSource(.list, url: url, ageLimit: 3600) == nil)
    }

    @Test func `what is fetched has an address and a limit of age`() {
        let url = "http://crl.example.be/a?b=c"
        #expect(StatusSource(.list, url: url, ageLimit: 60) != nil)
        #expect(StatusSource(.list, url: url, ageLimit: 31 * 86_400) != nil)
        for limit in [nil, 0, 59, 32 * 86_400] as [TimeInterval?] {
            #expect(StatusSource(.responder, url: url, ageLimit: limit) == nil)
        }
        #expect(StatusSource(.list, url: nil, ageLimit: 60) == nil)
        #expect(StatusSource(.file, url: url, ageLimit: nil) == nil)
        #expect(StatusSource(.file, url: nil, ageLimit: 60) != nil)
    }

    @Test func `a list is due at once, then when it was put off to, and under a clock set back`() throws {
        let (fixture, authority, _) = try filled(.list)
        #expect(try due(fixture.registry, at: now) == [authority])
        try fixture.registry.postponeList(of: authority, until: now + 1800)
        #expect(try due(fixture.registry, at: now + 1799).isEmpty)
        #expect(try due(fixture.registry, at: now + 1800) == [authority])
        #expect(try due(fixture.registry, at: now - 1799).isEmpty)
        #expect(try due(fixture.registry, at: now - 1801) == [authority])
        try fixture.registry.setSource(source(.list), of: authority)
        #expect(try due(fixture.registry, at: now) == [authority])
        try fixture.registry.setSource(source(.file), of: authority)
        #expect(try due(fixture.registry, at: now).isEmpty)
    }

    @Test func `taking the same list again tells when it was taken`() throws {
        let (fixture, _, _) = try filled(.list)
        let list = try revocationList(1, number: "1", at: now - 60)
        try fixture.registry.addRevocationList(list)
        #expect(try fixture.registry.revocationListTimes() == [list.fingerprint: now])
        let later = try Registry.open(at: fixture.path, clock: { Fixture.now + 500 })
        try later.addRevocationList(list)
        #expect(try fixture.registry.revocationListTimes() == [list.fingerprint: now + 500])
    }

    @Test func `a status is due from when it is asked for, and held once it was learnt`() throws {
        let (fixture, authority, signer) = try filled(.responder)
        let registry = fixture.registry
        #expect(try due(registry, at: now).isEmpty)
        #expect(try registry.status(of: signer, serial: serial, by: authority) == nil)
        try registry.askStatus(of: signer, serial: serial, by: authority)
        #expect(try registry.status(of: signer, serial: serial, by: authority) == nil)
        #expect(try due(registry, at: now) == [authority])
        #expect(
            try registry.statusDue(by: authority, at: now) == DueStatus(certificate: signer, serial: serial))
        let status = status(0, revokedAt: now - 99)
        try registry.keepStatus(status, of: signer, by: authority, dueAt: now + 900)
        #expect(try registry.status(of: signer, serial: serial, by: authority) == status)
        // Asking again for what is held changes nothing.
        try registry.askStatus(of: signer, serial: serial, by: authority)
        #expect(try due(registry, at: now + 899).isEmpty)
        #expect(try registry.statusDue(by: authority, at: now + 899) == nil)
        for time in [now + 900, now - 2701] {
            #expect(try due(registry, at: time) == [authority])
            #expect(try registry.statusDue(by: authority, at: time)?.certificate == signer)
        }
    }

    @Test func `an older status does not take the place of a newer one`() throws {
        let (fixture, authority, signer) = try filled(.responder)
        try fixture.registry.askStatus(of: signer, serial: serial, by: authority)
        let newer = status(10, revokedAt: now)
        try fixture.registry.keepStatus(newer, of: signer, by: authority, dueAt: now)
        expectFault(.olderList) {
            try fixture.registry.keepStatus(status(9), of: signer, by: authority, dueAt: now)
        }
        #expect(try fixture.registry.status(of: signer, serial: serial, by: authority) == newer)
        let again = status(10, fetched: 700)
        try fixture.registry.keepStatus(again, of: signer, by: authority, dueAt: now)
        #expect(try fixture.registry.status(of: signer, serial: serial, by: authority) == again)
    }

    @Test func `a certificate that was put off lets others go first`() throws {
        let (fixture, authority, signer) = try filled(.responder)
        let other = try certificate(2).fingerprint
        try fixture.registry.askStatus(of: signer, serial: serial, by: authority)
        try fixture.registry.postponeStatus(of: signer, by: authority, until: now - 5)
        try fixture.registry.askStatus(of: other, serial: "0B", by: authority)
        #expect(try fixture.registry.statusDue(by: authority, at: now)?.certificate == other)
        try fixture.registry.postponeStatus(of: other, by: authority, until: now + 60)
        #expect(try fixture.registry.statusDue(by: authority, at: now)?.certificate == signer)
    }

    @Test func `the status of a certificate that nobody holds is not learnt a second time`() throws {
        let (fixture, authority, signer) = try filled(.responder)
        let stranger = try certificate(3).fingerprint
        for certificate in [signer, stranger] {
            try fixture.registry.askStatus(of: certificate, serial: serial, by: authority)
            #expect(try fixture.registry.statusDue(by: authority, at: now)?.certificate == certificate)
            try fixture.registry.keepStatus(status(0), of: certificate, by: authority, dueAt: now + 10)
        }
        #expect(try fixture.registry.statusDue(by: authority, at: now + 10)?.certificate == signer)
        #expect(try fixture.registry.status(of: stranger, serial: serial, by: authority) == nil)
        try fixture.registry.revokeCertificate(signer, of: number(1), at: now)
        #expect(try fixture.registry.statusDue(by: authority, at: now + 10) == nil)
    }

    @Test func `an authority takes its statuses along`() throws {
        let (fixture, authority, signer) = try filled(.responder)
        try fixture.registry.askStatus(of: signer, serial: serial, by: authority)
        try fixture.registry.removeAuthority(authority)
        #expect(try due(fixture.registry, at: now).isEmpty)
        try fixture.registry.askStatus(of: signer, serial: serial, by: authority)
        let rows = try fixture.registry.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM certificateStatus")
        }
        #expect(rows == 0)
    }

    @Test func `certificates that sign are listed by their end, with the warning given last`() throws {
        let (fixture, _, signer) = try filled(.file)
        let other = try certificate(2)
        try fixture.sender(2)
        try fixture.registry.addChannel(
            NewChannel(kind: .web, certificates: [other], applications: ["dmfa"]), to: number(2))
        let listed = try fixture.registry.currentCertificates(at: now)
        #expect(Set(listed.map(\.facts.fingerprint)) == [signer, other.fingerprint])
        #expect(listed.allSatisfy { $0.warnedDays == nil })
        try fixture.registry.noteWarning(.thirtyDays, of: signer)
        try fixture.registry.revokeCertificate(other.fingerprint, of: number(2), at: now)
        let left = try fixture.registry.currentCertificates(at: now)
        #expect(left.map(\.facts.fingerprint) == [signer] && left[0].warnedDays == 30)
        #expect(try left[0].sender == number(1))
        #expect(try fixture.registry.currentCertificates(at: now + 1000).isEmpty)
    }
}
