import COpenSSL
import Exchange
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

    @Test func `what others left in the queue puts off no verdict`() throws {
        let workshop = try SignatureWorkshop()
        try workshop.sign("-nocerts")
        ecluse_note_want_of_memory()
        let verdict = try workshop.verify()
        #expect(throws: Never.self) { try verdict.get() }
    }
}
