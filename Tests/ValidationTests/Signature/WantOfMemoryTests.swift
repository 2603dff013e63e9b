import COpenSSL
import Exchange
import Synchronization
import Testing

@testable import Validation

@Suite struct WantOfMemoryTests {
    @Test func `want of memory is told once, whoever empties the queue before`() {
        _ = OpenSSLErrors.takeWantOfMemory()
        #expect(throws: CertificateFault.notACertificate) { try DecodedCertificate(der: [0x30, 0x01, 0x00]) }
        #expect(!OpenSSLErrors.takeWantOfMemory(), "bytes that cannot be read are none")
        ecluse_note_want_of_memory()
        #expect(throws: CertificateFault.notACertificate) { try DecodedCertificate(der: [0x30, 0x01, 0x00]) }
        #expect(!DecodedRevocationList.isList([0x30, 0x01, 0x00]))
        _ = OpenSSLErrors.drain()
        #expect(OpenSSLErrors.takeWantOfMemory())
        #expect(!OpenSSLErrors.takeWantOfMemory() && ERR_peek_error() == 0)
    }

    @Test(arguments: ["", "-keyopt rsa_padding_mode:pss"])
    func `a key of nothing is a wrong key, and no want of memory`(padding: String) throws {
        let workshop = try SignatureWorkshop(.rsa(bits: 2048))
        try workshop.sign(padding)
        var bytes = try workshop.read("signature")
        // The modulus in the embedded certificate: an INTEGER of 257 bytes, the first of them 0.
        let modulus = try #require(bytes.firstRange(of: [0x02, 0x82, 0x01, 0x01, 0x00])).upperBound
        for index in modulus..<modulus + 256 { bytes[index] = 0 }
        try workshop.write("signature", bytes)
        expectRefusal(try workshop.verify(registered: []), .signatureInvalid, "wrong")
    }

    /// Says that nothing is revoked; memory runs out at the first question.
    private final class Starving: StatusDirectory {
        private let asked = Atomic<Int>(0)

        var questions: Int { asked.load(ordering: .relaxed) }

        func status(of _: Digest, serial _: String, by _: Digest) throws(Deferral) -> CertificateStatus? {
            if asked.add(1, ordering: .relaxed).oldValue == 0 { ecluse_note_want_of_memory() }
            let now = SignatureWorkshop.now
            return CertificateStatus(revokedAt: nil, thisUpdate: now, nextUpdate: nil, fetchedAt: now)
        }
    }

    @Test func `a certificate that was decoded while memory ran out is not kept`() throws {
        let der = try SignatureWorkshop().leaf.der
        let cache = CertificateCache()
        ecluse_note_want_of_memory()
        let first = try cache.certificate(der)
        let second = try cache.certificate(der)
        #expect(first !== second && OpenSSLErrors.takeWantOfMemory())
        let third = try cache.certificate(der)
        #expect(third !== second)
        #expect(try cache.certificate(der) === third)
    }

    @Test func `a verdict that was reached while memory ran out is not kept`() throws {
        let workshop = try SignatureWorkshop()
        try workshop.sign()
        let authority = workshop.root.certificate
        let source = try #require(StatusSource(.responder, url: "http://127.0.0.1/", ageLimit: 3600))
        let statuses = Starving()
        let trust = try TrustStore(
            authorities: [authority], revocationLists: [],
            ground: RevocationGround(sources: [authority.fingerprint: source], statuses: statuses))
        let verifier = SignatureVerifier(policy: SignaturePolicy(), trust: trust)
        let files = try workshop.files()
        func verify() -> Result<VerifiedSignature, StageFailure> {
            Result { () throws(StageFailure) in
                try verifier.verify(
                    files.payload, with: files.signature, registered: [workshop.leaf.der],
                    at: SignatureWorkshop.now)
            }
        }
        guard case .failure(.deferred(let deferral)) = verify() else {
            Issue.record("a verdict")
            return
        }
        #expect(deferral.reason == .unknown)
        #expect(throws: Never.self) { try verify().get() }
        #expect(statuses.questions == 2)
        #expect(throws: Never.self) { try verify().get() }
        #expect(statuses.questions == 2)
    }

    @Test func `what others left in the queue puts off no verdict`() throws {
        let workshop = try SignatureWorkshop()
        try workshop.sign("-nocerts")
        ecluse_note_want_of_memory()
        let verdict = try workshop.verify()
        #expect(throws: Never.self) { try verdict.get() }
    }
}
