import Exchange
import Foundation
import GRDB
import Testing

@testable import Registry

@Suite struct WebDirectoryTests {
    enum Channel: CaseIterable { case web, sftpOnly, none }
    enum Revocation: CaseIterable { case none, now, future }
    enum Window: CaseIterable { case unbounded, notYet, ended, endsNow, beginsNow }
    enum Dates: CaseIterable { case current, notYet, beginsNow, endsNow, expired }

    struct Case {
        let channel: Channel
        let isBlocked: Bool
        let revocation: Revocation
        let window: Window
        let dates: Dates

        var stands: Bool {
            channel == .web && !isBlocked && revocation != .now && [.unbounded, .beginsNow].contains(window)
                && [.current, .beginsNow, .endsNow].contains(dates)
        }

        static let all: [Case] = Channel.allCases.flatMap { channel in
            [false, true].flatMap { isBlocked in
                Revocation.allCases.flatMap { revocation in
                    Window.allCases.flatMap { window in
                        Dates.allCases.map {
                            Case(
                                channel: channel, isBlocked: isBlocked, revocation: revocation,
                                window: window,
                                dates: $0)
                        }
                    }
                }
            }
        }

        /// The certificate's own dates.
        var bounds: (notBefore: Date, notAfter: Date) {
            let now = Fixture.now
            return switch dates {
            case .current: (now - 1000, now + 1000)
            case .notYet: (now + 0.001, now + 1000)
            case .beginsNow: (now, now + 1000)
            case .endsNow: (now - 1000, now)
            case .expired: (now - 1000, now - 0.001)
            }
        }

        /// The bounds of the registration.
        var registered: (from: Date?, until: Date?) {
            let now = Fixture.now
            return switch window {
            case .unbounded: (nil, nil)
            case .notYet: (now + 1, nil)
            case .ended: (nil, now - 1)
            case .endsNow: (nil, now)
            case .beginsNow: (now, nil)
            }
        }
    }

    private func dated(_ item: Case, _ index: Int) throws -> CertificateFacts {
        let der = Array("certificate \(index)".utf8)
        return CertificateFacts(
            der: der, fingerprint: try #require(Digest(sha256: der)), subject: "CN=Caller",
            issuer: "CN=Authority",
            owner: "Caller", company: nil, serialDecimal: "1", serialHexadecimal: "01",
            notBefore: item.bounds.notBefore, notAfter: item.bounds.notAfter, keyKind: "EC", keyBits: 256,
            isAuthority: false)
    }

    private func arrange(
        _ item: Case, _ facts: CertificateFacts, _ sender: SenderNumber, in registry: Registry
    )
        throws
    {
        try registry.setBlocked(item.isBlocked, sender)
        guard item.channel != .none else { return }
        let kind: ChannelKind = item.channel == .web ? .web : .sftp
        try registry.addChannel(NewChannel(kind: kind), to: sender)
        try registry.addCertificate(
            facts, validFrom: item.registered.from, validUntil: item.registered.until, to: kind, of: sender)
        guard item.revocation != .none else { return }
        let time = item.revocation == .now ? Fixture.now : Fixture.now + 1
        try registry.revokeCertificate(facts.fingerprint, of: sender, at: time)
    }

    @Test func `a certificate lets in exactly where everything about it stands`() throws {
        let fixture = try Fixture()
        var admitted = 0
        for (index, item) in Case.all.enumerated() {
            let sender = try fixture.sender(1000 + index)
            let facts = try dated(item, index)
            try arrange(item, facts, sender, in: fixture.registry)
            let isAdmitted = try fixture.registry.webSender(holding: facts.fingerprint) == sender
            #expect(isAdmitted == item.stands, "\(item)")
            #expect(
                try fixture.registry.webCertificates(of: sender) == (item.stands ? [facts] : []), "\(item)")
            admitted += isAdmitted ? 1 : 0
        }
        #expect(admitted == 2 * 2 * 3)
    }

    /// A sender with a web channel, a certificate on it and another on a folder channel.
    private func arranged() throws -> (Fixture, SenderNumber) {
        let fixture = try Fixture()
        let sender = try fixture.sender(1)
        try fixture.registry.addChannel(
            NewChannel(kind: .web, certificates: [certificate(1)], applications: ["site", "dmfa"]),
            to: sender)
        try fixture.registry.addChannel(
            NewChannel(kind: .folder, certificates: [certificate(2)], applications: ["drs"]), to: sender)
        return (fixture, sender)
    }

    @Test func `only certificates and applications of the web channel count`() throws {
        let (fixture, sender) = try arranged()
        let registry = fixture.registry
        #expect(try registry.webApplications(of: sender) == ["dmfa", "site"])
        #expect(try registry.webCertificates(of: sender) == [try certificate(1)])
        #expect(try registry.webSender(holding: try certificate(1).fingerprint) == sender)
        #expect(try registry.webSender(holding: try certificate(2).fingerprint) == nil)
        #expect(try registry.webSender(holding: try certificate(3).fingerprint) == nil)
        #expect(try registry.webApplications(of: try number(2)) == [])
    }

    @Test func `a change by another process is seen by the next question`() throws {
        let (fixture, sender) = try arranged()
        let other = try Registry.open(at: fixture.path)
        let fingerprint = try certificate(1).fingerprint
        #expect(try fixture.registry.webSender(holding: fingerprint) == sender)
        try other.setBlocked(true, sender)
        #expect(try fixture.registry.webSender(holding: fingerprint) == nil)
        #expect(try fixture.registry.webApplications(of: sender) == [])
        try other.setBlocked(false, sender)
        #expect(try fixture.registry.webSender(holding: fingerprint) == sender)
        try other.revokeCertificate(fingerprint, of: sender, at: Fixture.now)
        #expect(try fixture.registry.webSender(holding: fingerprint) == nil)
    }

    @Test func `a certificate that moves to another sender admits that one`() throws {
        let (fixture, sender) = try arranged()
        let facts = try certificate(1)
        #expect(try fixture.registry.webSender(holding: facts.fingerprint) == sender)
        try fixture.registry.removeChannel(.web, of: sender)
        #expect(try fixture.registry.webSender(holding: facts.fingerprint) == nil)
        let heir = try fixture.sender(2)
        try fixture.registry.addChannel(NewChannel(kind: .web, certificates: [facts]), to: heir)
        #expect(try fixture.registry.webSender(holding: facts.fingerprint) == heir)
    }

    @Test func `a certificate is looked up by an index`() throws {
        let (fixture, _) = try arranged()
        let plan = try fixture.registry.read {
            try Row.fetchAll(
                $0, sql: "EXPLAIN QUERY PLAN SELECT sender FROM certificate WHERE fingerprint = ?",
                arguments: ["x"])
        }.map { $0["detail"] as String }
        #expect(plan.count == 1)
        #expect(plan.first?.hasPrefix("SEARCH certificate USING INDEX") == true, "\(plan)")
    }

    @Test func `a registry that cannot be read admits nobody`() throws {
        let (fixture, sender) = try arranged()
        let fingerprint = try certificate(1).fingerprint
        #expect(try fixture.registry.webSender(holding: fingerprint) == sender)
        try DatabaseQueue(path: fixture.path).writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA foreign_keys = 0; DROP TABLE channelCertificate")
        }
        #expect(throws: DirectoryFault.self) { try fixture.registry.webSender(holding: fingerprint) }
        #expect(throws: DirectoryFault.self) { try fixture.registry.webCertificates(of: sender) }
        #expect(throws: DirectoryFault.self) { try fixture.registry.webApplications(of: sender) }
    }
}
