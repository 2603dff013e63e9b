import Exchange
import Foundation
import Registry
import Testing

@Suite struct TrustTests {
    private let now = Fixture.now

    @Test func `authorities are added, listed and removed`() throws {
        let fixture = try Fixture()
        let (first, second) = (try certificate(1, isAuthority: true), try certificate(2, isAuthority: true))
        try fixture.registry.addAuthority(first)
        try fixture.registry.addAuthority(second)
        #expect(Set(try fixture.registry.authorities().map(\.facts)) == [first, second])
        expectFault(.alreadyExists) { try fixture.registry.addAuthority(first) }
        try fixture.registry.removeAuthority(first.fingerprint)
        #expect(try fixture.registry.authorities().map(\.facts) == [second])
        expectFault(.unknownFingerprint) { try fixture.registry.removeAuthority(first.fingerprint) }
    }

    @Test func `a certificate of no authority is not accepted as one`() throws {
        let fixture = try Fixture()
        expectFault(.notAnAuthority) { try fixture.registry.addAuthority(certificate(1)) }
    }

    @Test func `an authority survives JSON`() throws {
        let fixture = try Fixture()
        try fixture.registry.addAuthority(certificate(1, isAuthority: true))
        let records = try fixture.registry.authorities()
        let json = try JSONEncoder().encode(records)
        #expect(try JSONDecoder().decode([AuthorityRecord].self, from: json) == records)
    }

    @Test func `a newer list takes the place of the older of its issuer only`() throws {
        let fixture = try Fixture()
        let other = try revocationList(9, number: "1", at: now, issuer: "CN=Other")
        try fixture.registry.addRevocationList(other)
        let first = try revocationList(1, number: "9", at: now)
        let second = try revocationList(2, number: "10", at: now + 1)
        try fixture.registry.addRevocationList(first)
        try fixture.registry.addRevocationList(second)
        #expect(try fixture.registry.revocationLists() == [second, other])
        try fixture.registry.addRevocationList(second)
        expectFault(.olderList) { try fixture.registry.addRevocationList(first) }
        #expect(try fixture.registry.revocationLists() == [second, other])
        try fixture.registry.removeRevocationList(second.fingerprint)
        #expect(try fixture.registry.revocationLists() == [other])
    }

    @Test(arguments: [
        ("10", "9", 1.0, false), ("9", "10", 1, true), ("0010", "9", 1, false), ("9", "9", 1, true),
        ("9", "9", -1, false), ("9", "10", -1, false),
        (
            "99999999999999999999999999999999999999999999999",
            "100000000000000000000000000000000000000000000000", 0, true
        ),
        (nil, "1", 1, true), ("1", nil, 1, true), (nil, nil, -1, false),
    ])
    func `a list older by number or by time is refused`(
        _ stored: String?, _ given: String?, _ later: Double, _ isTaken: Bool
    ) throws {
        let fixture = try Fixture()
        try fixture.registry.addRevocationList(revocationList(1, number: stored, at: now))
        let list = try revocationList(2, number: given, at: now + later)
        if isTaken {
            try fixture.registry.addRevocationList(list)
        } else {
            expectFault(.olderList) { try fixture.registry.addRevocationList(list) }
        }
        #expect(try fixture.registry.revocationLists().contains(list) == isTaken)
    }
}
