import Exchange
import Foundation
import Synchronization
import Testing

@testable import Validation

/// Revocation as sources tell it: how old it may be, and what is said when nothing is known.
@Suite struct TrustStoreStatusTests {
    private let now = SignatureWorkshop.now
    private let day = SignatureWorkshop.day

    /// What responders said, and who was asked for.
    private final class Said: StatusDirectory {
        private let statuses: [Digest: CertificateStatus]
        private let asked = Mutex<[Digest]>([])

        init(_ statuses: [Digest: CertificateStatus]) { self.statuses = statuses }

        var questions: [Digest] { asked.withLock { $0 } }

        func status(
            of certificate: Digest, serial: String, by authority: Digest
        ) throws(Deferral) -> CertificateStatus? {
            asked.withLock { $0.append(certificate) }
            return statuses[certificate]
        }
    }

    private func store(
        _ shop: SignatureWorkshop, _ kind: StatusSource.Kind, ageLimit: TimeInterval = 3600,
        lists: [RevocationListFacts] = [], takenAt: Date? = nil, said: (any StatusDirectory)? = nil
    ) throws -> TrustStore {
        let url = kind == .file ? nil : "http://127.0.0.1/"
        let source = try #require(StatusSource(kind, url: url, ageLimit: ageLimit))
        let taken = takenAt.map { time in lists.map { ($0.fingerprint, time) } } ?? []
        return try TrustStore(
            authorities: [shop.root.certificate], revocationLists: lists,
            ground: RevocationGround(
                sources: [shop.root.certificate.fingerprint: source],
                listsTaken: Dictionary(uniqueKeysWithValues: taken), statuses: said))
    }

    private func outcome(
        _ trust: TrustStore, _ certificate: CertificateFacts, at time: Date
    ) -> Result<ChainEvidence, ChainFault> {
        Result { () throws(ChainFault) in try trust.judge(certificate, intermediates: [], at: time) }
    }

    private func expectUnknown(
        _ words: String, _ outcome: Result<ChainEvidence, ChainFault>,
        _ location: SourceLocation = #_sourceLocation
    ) {
        guard case .failure(.revocationUnknown(let sentence)) = outcome else {
            Issue.record("not unknown: \(outcome)", sourceLocation: location)
            return
        }
        #expect(sentence.contains(words), "\(sentence)", sourceLocation: location)
    }

    private func list(
        _ issuer: CertificateMint.Issuer, from: TimeInterval = -10, until: TimeInterval? = 10
    ) throws -> RevocationListFacts {
        try CertificateMint.revocationList(
            .init(
                revoked: [], number: 1, thisUpdate: now + from * day, nextUpdate: until.map { now + $0 * day }
            ),
            issuer: issuer)
    }

    @Test func `a certificate whose responder said nothing yet is neither good nor revoked`() throws {
        let shop = try SignatureWorkshop()
        let said = Said([:])
        let trust = try store(shop, .responder, said: said)
        expectUnknown("not learnt yet", outcome(trust, shop.leaf, at: now))
        #expect(said.questions == [shop.leaf.fingerprint])
        expectUnknown("not learnt yet", outcome(try store(shop, .responder), shop.leaf, at: now))
    }

    @Test func `what a responder said counts for as long as the limit of its authority allows`() throws {
        let shop = try SignatureWorkshop()
        let status = CertificateStatus(
            revokedAt: nil, thisUpdate: now - 7200, nextUpdate: now + 5 * day, fetchedAt: now)
        let said = Said([shop.leaf.fingerprint: status])
        let trust = try store(shop, .responder, said: said)
        let evidence = try outcome(trust, shop.leaf, at: now + 3600).get().revocation[0]
        #expect(evidence.isChecked && evidence.source == .responder && evidence.issuer == "CN=Test Root")
        #expect(evidence.ageSeconds == 7200 + 3600 && evidence.nextUpdate == now + 5 * day)
        // The kept verdict must not outlive the status, nor be older than it.
        expectUnknown("too old", outcome(trust, shop.leaf, at: now + 3601))
        expectUnknown("still to come", outcome(trust, shop.leaf, at: now - 3600))
        #expect(throws: Never.self) { try outcome(trust, shop.leaf, at: now + 60).get() }
        #expect(said.questions.count == 3)
    }

    @Test func `what a responder said ends before the limit when the responder says so`() throws {
        let shop = try SignatureWorkshop()
        let ending = CertificateStatus(
            revokedAt: nil, thisUpdate: now - 60, nextUpdate: now + 600, fetchedAt: now)
        let trust = try store(shop, .responder, said: Said([shop.leaf.fingerprint: ending]))
        #expect(throws: Never.self) { try outcome(trust, shop.leaf, at: now + 600).get() }
        expectUnknown("ended at", outcome(trust, shop.leaf, at: now + 601))
        // One that does not say counts from when it was made.
        let open = CertificateStatus(
            revokedAt: nil, thisUpdate: now - 3000, nextUpdate: nil, fetchedAt: now)
        let other = try store(shop, .responder, said: Said([shop.leaf.fingerprint: open]))
        #expect(throws: Never.self) { try outcome(other, shop.leaf, at: now + 600).get() }
        expectUnknown("too old", outcome(other, shop.leaf, at: now + 601))
    }

    @Test func `a certificate that the responder calls revoked is refused`() throws {
        let shop = try SignatureWorkshop()
        let status = CertificateStatus(
            revokedAt: now - day, thisUpdate: now - 60, nextUpdate: nil, fetchedAt: now)
        let trust = try store(shop, .responder, said: Said([shop.leaf.fingerprint: status]))
        guard case .failure(.certificate(.revoked(let date))) = outcome(trust, shop.leaf, at: now) else {
            Issue.record("not refused")
            return
        }
        #expect(date == now - day)
        expectUnknown("too old", outcome(trust, shop.leaf, at: now + day))
    }

    @Test func `verdicts are kept up to a number`() throws {
        let shop = try SignatureWorkshop()
        let status = CertificateStatus(revokedAt: nil, thisUpdate: now, nextUpdate: nil, fetchedAt: now)
        let said = Said([shop.leaf.fingerprint: status])
        let trust = try store(shop, .responder, said: said)
        for number in 0...8192 {
            _ = try trust.judge(shop.leaf, intermediates: [Array("\(number)".utf8)], at: now)
        }
        let count = said.questions.count
        _ = try trust.judge(shop.leaf, intermediates: [Array("8192".utf8)], at: now)
        #expect(said.questions.count == count)
        _ = try trust.judge(shop.leaf, intermediates: [Array("0".utf8)], at: now)
        #expect(said.questions.count == count + 1)
    }

    @Test func `a list that is to be fetched is not done without`() throws {
        let shop = try SignatureWorkshop()
        expectUnknown("not fetched yet", outcome(try store(shop, .list), shop.leaf, at: now))
        let unchecked = try outcome(try store(shop, .file), shop.leaf, at: now).get().revocation[0]
        #expect(!unchecked.isChecked && unchecked.source == nil)
    }

    @Test(arguments: [StatusSource.Kind.list, .file])
    func `a list counts for as long as the limit allows since it was taken`(_ kind: StatusSource.Kind) throws
    {
        let shop = try SignatureWorkshop()
        let list = try list(shop.root)
        let trust = try store(shop, kind, lists: [list], takenAt: now)
        #expect(try outcome(trust, shop.leaf, at: now + 3600).get().revocation[0].source == kind)
        expectUnknown("too old", outcome(trust, shop.leaf, at: now + 3601))
        // One of which nobody knows when it was taken.
        expectUnknown("too old", outcome(try store(shop, kind, lists: [list]), shop.leaf, at: now))
        let endless = try self.list(shop.root, from: -1, until: nil)
        let other = try store(shop, kind, lists: [endless], takenAt: now)
        expectUnknown("too old", outcome(other, shop.leaf, at: now))
    }
}
