import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct DocumentSignerTests {
    private func signer(_ shop: SignatureWorkshop) throws -> DocumentSigner {
        try DocumentSigner(privateKeyPEM: shop.key.pem(), certificate: shop.leaf.der, passphrase: nil)
    }

    @Test(arguments: [.p256, .p384, .p521, .rsa(bits: 2048)] as [CertificateMint.KeyKind])
    func `what we sign openssl verifies`(kind: CertificateMint.KeyKind) throws {
        let shop = try SignatureWorkshop(kind)
        for time in [nil, SignatureWorkshop.now] {
            let text = try signer(shop).sign(SignatureWorkshop.payload, at: time)
            let der = try #require(SignatureText.decode(text))
            try shop.write("signature.der", der)
            let check = "cms -verify -binary -inform DER -in signature.der -content payload -CAfile root.pem"
            let options = "\(check) -attime 1750000000 -out verified -cades"
            let good = try shop.openssl(options)
            #expect(good.code == 0, "\(good.words)")
            #expect(try shop.read("verified") == SignatureWorkshop.payload)
            try shop.write("other", SignatureWorkshop.payload + [0x20])
            let bad = try shop.openssl(
                options.replacingOccurrences(of: "-content payload", with: "-content other"))
            #expect(bad.code != 0)
            try shop.write("signature", text)
            let evidence = try shop.verify().get()
            #expect(evidence.certificate == shop.leaf.fingerprint && evidence.signingTime == time)
        }
    }

    @Test func `the text is base64 in 64 columns and no armour`() throws {
        let shop = try SignatureWorkshop()
        let text = String(decoding: try signer(shop).sign([1, 2, 3]), as: UTF8.self)
        #expect(text.hasSuffix("\n") && !text.contains("\r") && !text.contains("-----"))
        let lines = text.components(separatedBy: "\n").dropLast()
        #expect(
            lines.dropLast().allSatisfy { $0.count == 64 } && lines.allSatisfy { (1...64).contains($0.count) }
        )
    }

    @Test func `a file is signed as its bytes are`() throws {
        let shop = try SignatureWorkshop()
        let signature = try signer(shop).signFile(at: shop.path("payload"))
        #expect(SignatureVerifier.isSignature(signature, over: SignatureWorkshop.payload, by: shop.leaf))
        #expect(throws: CertificateFault.self) { try signer(shop).signFile(at: shop.path("nothing")) }
        #expect(throws: CertificateFault.self) { try signer(shop).signFile(at: shop.directory) }
    }

    @Test func `a pinned certificate verifies what it signed and nothing else`() throws {
        let shop = try SignatureWorkshop()
        let signature = try signer(shop).sign([1, 2, 3])
        #expect(SignatureVerifier.isSignature(signature, over: [1, 2, 3], by: shop.leaf))
        #expect(!SignatureVerifier.isSignature(signature, over: [1, 2], by: shop.leaf))
        #expect(!SignatureVerifier.isSignature(signature, over: [1, 2, 3], by: shop.root.certificate))
        #expect(!SignatureVerifier.isSignature([], over: [1, 2, 3], by: shop.leaf))
        let renewed = try SignatureWorkshop.certificate("Jan Peeters", key: shop.key, issuer: shop.root)
        #expect(!SignatureVerifier.isSignature(signature, over: [1, 2, 3], by: renewed))
        // One that binds no certificate names it all the same.
        try shop.sign()
        let unbound = try shop.read("signature")
        #expect(SignatureVerifier.isSignature(unbound, over: SignatureWorkshop.payload, by: shop.leaf))
        #expect(!SignatureVerifier.isSignature(unbound, over: SignatureWorkshop.payload, by: renewed))
    }

    @Test func `an encrypted key wants its passphrase`() throws {
        let shop = try SignatureWorkshop()
        let pem = try shop.key.pem(passphrase: "open sesame")
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        _ = try DocumentSigner(privateKeyPEM: pem, certificate: shop.leaf.der, passphrase: "open sesame")
        for wrong in ["", "shut", nil] {
            #expect(throws: CertificateFault.self) {
                try DocumentSigner(privateKeyPEM: pem, certificate: shop.leaf.der, passphrase: wrong)
            }
        }
    }

    @Test func `a key that is not the certificate's is refused`() throws {
        let shop = try SignatureWorkshop()
        let other = try CertificateMint.key(.p256).pem()
        #expect(throws: CertificateFault.internalFault("The private key is not the one of the certificate."))
        {
            try DocumentSigner(privateKeyPEM: other, certificate: shop.leaf.der, passphrase: nil)
        }
        #expect(throws: CertificateFault.self) {
            try DocumentSigner(privateKeyPEM: [], certificate: shop.leaf.der, passphrase: nil)
        }
    }

    @Test func `minted certificates pass openssl's own strict check`() throws {
        let shop = try SignatureWorkshop(.p521)
        let words = try shop.openssl("verify -x509_strict -attime 1750000000 -CAfile root.pem leaf.pem").words
        #expect(words.contains("leaf.pem: OK"), "\(words)")
    }

    @Test func `many threads sign with one key`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        let signer = try signer(shop)
        let leaf = shop.leaf
        DispatchQueue.concurrentPerform(iterations: 100) { iteration in
            let content = [UInt8(iteration)]
            let signature = (try? signer.sign(content)) ?? []
            #expect(SignatureVerifier.isSignature(signature, over: content, by: leaf))
        }
    }
}
