import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct KeyReceiptSignatureTests {
    private static let content = Array("<ACRF/>".utf8)

    private func sign(_ workshop: SignatureWorkshop, chain: [[UInt8]] = []) throws -> [UInt8] {
        let key = try KeyFile.read(workshop.read("key.pem"), passphrase: nil).key
        return try DocumentSigner(key: key, certificate: workshop.leaf, chain: chain).sign(
            KeyReceiptSignatureTests.content)
    }

    private func verify(
        _ signature: [UInt8], _ trust: ReceiptSignature.Trust, over content: [UInt8] = content
    ) throws(ReceiptSignatureFault) -> ReceiptSignature {
        try ReceiptSignature.verify(signature, over: content, trust: trust, at: SignatureWorkshop.now)
    }

    @Test func `a pinned certificate, an authority and nothing at all give three standings`() throws {
        let workshop = try SignatureWorkshop()
        let signature = try sign(workshop)
        #expect(try verify(signature, .pinned([workshop.leaf])).standing == .pinned)
        #expect(try verify(signature, .authorities(workshop.trust())).standing == .underAuthority)
        let nobody = try verify(signature, .none)
        #expect(nobody.standing == .integrityOnly)
        #expect(nobody.signer.fingerprint == workshop.leaf.fingerprint)
    }

    @Test func `other bytes and other certificates are not taken`() throws {
        let workshop = try SignatureWorkshop()
        let stranger = try SignatureWorkshop()
        let signature = try sign(workshop)
        for trust in [
            ReceiptSignature.Trust.pinned([workshop.leaf]), .authorities(try workshop.trust()), .none,
        ] {
            #expect(throws: ReceiptSignatureFault.self) { try verify(signature, trust, over: [1]) }
            #expect(throws: ReceiptSignatureFault.self) { try verify([], trust) }
        }
        #expect(throws: ReceiptSignatureFault.self) { try verify(signature, .pinned([stranger.leaf])) }
        let others = try stranger.trust()
        #expect(throws: ReceiptSignatureFault.self) { try verify(signature, .authorities(others)) }
    }
}
