import Exchange
import Foundation
import Registry
import Testing
import Validation

@testable import Pipeline

/// Responders that are asked: whom about what, and what decisions find meanwhile. Answers are those of `openssl ocsp`.
@Suite struct ResponderRefreshTests {
    private let source = ScriptedSource()

    private func refreshing(ageLimit: TimeInterval = 6 * 3600) throws -> (Refreshing, Responder) {
        let refreshing = try Refreshing(source)
        let responder = try Responder(refreshing.authority)
        responder.set(refreshing.certificate)
        source.become(ResponderRefreshTests.honest(responder))
        try refreshing.setSource(.responder, "http://127.0.0.1:1/", ageLimit: ageLimit)
        return (refreshing, responder)
    }

    private static func honest(
        _ responder: Responder, by signer: CertificateMint.Issuer? = nil
    ) -> ScriptedSource.Script {
        { request in try responder.answer(to: request ?? [], by: signer) }
    }

    @Test func `the status of a registered certificate is learnt before anybody asks, and kept`() throws {
        let (refreshing, _) = try refreshing()
        refreshing.refresher.refreshDue()
        #expect(source.requests == 1)
        for _ in 0..<3 { #expect(try refreshing.isGood()) }
        refreshing.refresher.refreshDue()
        #expect(source.requests == 1)
    }

    @Test func `a certificate nobody registered is asked about when it is met, and no set passes before`()
        throws
    {
        let (refreshing, responder) = try refreshing()
        let stranger = try Refreshing.certificate("Stranger", under: refreshing.authority)
        responder.set(stranger)
        refreshing.refresher.refreshDue()
        #expect(source.requests == 1)
        for _ in 0..<5 { #expect(try refreshing.isUnknown(stranger)) }
        refreshing.refresher.refreshDue()
        #expect(source.requests == 2)
        #expect(try refreshing.isGood(stranger))
    }

    @Test func `revoked is refused as soon as it is said, and unknown waits`() throws {
        let (refreshing, responder) = try refreshing(ageLimit: 3600)
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood())
        responder.set(refreshing.certificate, revokedAt: Date() - 60)
        try refreshing.setSource(.responder, "http://127.0.0.1:1/", ageLimit: 3600)
        refreshing.refresher.refreshDue()
        #expect(source.requests == 2)
        #expect(try refreshing.isRevoked())
        let stranger = try Refreshing.certificate("Stranger", under: refreshing.authority)
        #expect(try refreshing.isUnknown(stranger))
        refreshing.refresher.refreshDue()
        #expect(source.requests == 3)
        #expect(try refreshing.isUnknown(stranger))
        // The responder is well: others are not kept waiting, and this one is not asked again at once.
        refreshing.refresher.refreshDue()
        #expect(source.requests == 3)
    }

    @Test func `a responder that is down keeps nobody's last status from serving to its limit`() throws {
        let (refreshing, _) = try refreshing()
        refreshing.refresher.refreshDue()
        source.become(ScriptedSource.down)
        for _ in 0..<9 {
            refreshing.turn(2160)
            refreshing.refresher.refreshDue()
            #expect(try refreshing.isGood())
        }
        refreshing.turn(2220)
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isUnknown())
    }

    @Test func `lying answers change nothing`() throws {
        let (refreshing, responder) = try refreshing()
        let other = try Refreshing.certificate("Other", under: refreshing.authority)
        responder.set(other)
        let namesake = try Refreshing.authority("Accepted Authority")
        let aboutOther = try StatusQuery(
            serial: other.serialHexadecimal, issuer: refreshing.authority.certificate
        ).der
        let before = try responder.answer(
            to: StatusQuery(
                serial: refreshing.certificate.serialHexadecimal, issuer: refreshing.authority.certificate
            ).der)
        let otherAnswer = try responder.answer(to: aboutOther)
        let lies: [ScriptedSource.Script] = [
            ResponderRefreshTests.honest(responder, by: namesake),
            { _ in otherAnswer }, { _ in before }, { _ in [] }, { _ in Array("<html>".utf8) },
        ]
        for (index, lie) in lies.enumerated() {
            source.become(lie)
            refreshing.refresher.refreshDue()
            #expect(source.requests == index + 1)
            #expect(try refreshing.isUnknown(), "\(index)")
            refreshing.turn(100)
        }
        source.become(ResponderRefreshTests.honest(responder))
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood())
    }

    @Test func `a responder that comes back is asked about each certificate once, one after the other`()
        throws
    {
        let (refreshing, responder) = try refreshing()
        let others = try (0..<20).map { try Refreshing.certificate("\($0)", under: refreshing.authority) }
        others.forEach { responder.set($0) }
        source.become(ScriptedSource.down)
        for _ in 0..<30 {
            for certificate in others { #expect(try refreshing.isUnknown(certificate)) }
            refreshing.refresher.refreshDue()
            refreshing.turn(1)
        }
        // 1, 2, 4, 8, 16 s with their jitter: whoever waits, the source is asked no more often.
        #expect((4...6).contains(source.requests))
        let before = source.requests
        source.become(ResponderRefreshTests.honest(responder))
        refreshing.turn(60)
        refreshing.refresher.refreshDue()
        #expect(source.requests == before + 21)
        for certificate in others { #expect(try refreshing.isGood(certificate)) }
        refreshing.refresher.refreshDue()
        #expect(source.requests == before + 21)
    }

    @Test func `registering a certificate asks about it, though it is not known yet`() throws {
        let (refreshing, responder) = try refreshing()
        let renewal = try Refreshing.certificate("Renewal", under: refreshing.authority)
        responder.set(renewal)
        let sender = try #require(SenderNumber("006400"))
        try refreshing.registrar.addCertificate(
            CertificateMint.pem(renewal), validFrom: nil, validUntil: nil, to: .sftp, of: sender)
        refreshing.refresher.refreshDue()
        #expect(source.requests == 2)
        #expect(try refreshing.isGood(renewal))
    }

    @Test func `a certificate known to be revoked is not registered`() throws {
        let (refreshing, responder) = try refreshing()
        let stolen = try Refreshing.certificate("Stolen", under: refreshing.authority)
        responder.set(stolen, revokedAt: Date() - 60)
        #expect(try refreshing.isUnknown(stolen))
        refreshing.refresher.refreshDue()
        let sender = try #require(SenderNumber("006400"))
        #expect(throws: Registrar.Refusal.self) {
            try refreshing.registrar.addCertificate(
                CertificateMint.pem(stolen), validFrom: nil, validUntil: nil, to: .sftp, of: sender)
        }
    }
}
