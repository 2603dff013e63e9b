import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct KeyFileTests {
    private func phrase(_ text: String) throws -> Passphrase {
        var bytes = Array(text.utf8)
        return try #require(Passphrase(wiping: &bytes))
    }

    /// Signs with the key and has the receiver's own verifier look at it.
    private func expectToSign(_ file: KeyFile, in workshop: SignatureWorkshop) throws {
        let signer = try DocumentSigner(
            key: file.key, certificate: file.certificate ?? workshop.leaf, chain: file.chain)
        try workshop.write("signature", signer.signFile(at: workshop.path("payload")))
        #expect(throws: Never.self) { try workshop.verify().get() }
    }

    @Test(arguments: [
        "pkcs8 -topk8 -nocrypt -in key.pem -out form",
        "pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out form",
        "ec -in key.pem -out form",
        "ec -in key.pem -outform DER -out form",
    ])
    func `an open key signs in whatever form it is kept`(command: String) throws {
        let workshop = try SignatureWorkshop()
        try #require(workshop.openssl(command).code == 0)
        try expectToSign(KeyFile.read(workshop.read("form"), passphrase: nil), in: workshop)
    }

    @Test(arguments: [
        "rsa -traditional -in key.pem -out form", "rsa -traditional -in key.pem -outform DER -out form",
    ])
    func `an RSA key in the form of PKCS 1 signs`(command: String) throws {
        let workshop = try SignatureWorkshop(.rsa(bits: 2048))
        try #require(workshop.openssl(command).code == 0)
        try expectToSign(KeyFile.read(workshop.read("form"), passphrase: nil), in: workshop)
    }

    @Test(arguments: [
        "pkcs8 -topk8 -passout pass:open-sesame -in key.pem -out form",
        "pkcs8 -topk8 -passout pass:open-sesame -in key.pem -outform DER -out form",
        "ec -aes256 -passout pass:open-sesame -in key.pem -out form",
    ])
    func `a locked key asks for its passphrase and takes no other`(command: String) throws {
        let workshop = try SignatureWorkshop()
        try #require(workshop.openssl(command).code == 0)
        let bytes = try workshop.read("form")
        #expect(throws: KeyFault.passphraseWanted) { try KeyFile.read(bytes, passphrase: nil) }
        let wrong = try phrase("open sesame")
        #expect(throws: KeyFault.wrongPassphrase) { try KeyFile.read(bytes, passphrase: wrong) }
        try expectToSign(KeyFile.read(bytes, passphrase: phrase("open-sesame")), in: workshop)
    }

    @Test func `a passphrase that is not needed does not matter`() throws {
        let workshop = try SignatureWorkshop()
        try expectToSign(KeyFile.read(workshop.read("key.pem"), passphrase: phrase("anything")), in: workshop)
    }

    @Test func `a PKCS 12 file gives key, certificate and chain`() throws {
        let workshop = try SignatureWorkshop()
        let made = try workshop.openssl(
            "pkcs12 -export -inkey key.pem -in leaf.pem -certfile root.pem -passout pass:open-sesame -out form.p12"
        )
        try #require(made.code == 0, "\(made.words)")
        let bytes = try workshop.read("form.p12")
        #expect(throws: KeyFault.passphraseWanted) { try KeyFile.read(bytes, passphrase: nil) }
        let wrong = try phrase("wrong")
        #expect(throws: KeyFault.wrongPassphrase) { try KeyFile.read(bytes, passphrase: wrong) }
        let file = try KeyFile.read(bytes, passphrase: phrase("open-sesame"))
        #expect(file.certificate?.fingerprint == workshop.leaf.fingerprint)
        #expect(file.chain == [workshop.root.certificate.der])
        try expectToSign(file, in: workshop)
    }

    @Test func `a PKCS 12 file with an empty passphrase opens without one`() throws {
        let workshop = try SignatureWorkshop()
        let made = try workshop.openssl(
            "pkcs12 -export -inkey key.pem -in leaf.pem -passout pass: -out form.p12")
        try #require(made.code == 0, "\(made.words)")
        let file = try KeyFile.read(workshop.read("form.p12"), passphrase: nil)
        #expect(file.certificate?.fingerprint == workshop.leaf.fingerprint)
    }

    @Test func `a PKCS 12 file without a key is told as that`() throws {
        let workshop = try SignatureWorkshop()
        let made = try workshop.openssl("pkcs12 -export -nokeys -in leaf.pem -passout pass:x -out form.p12")
        try #require(made.code == 0, "\(made.words)")
        let bytes = try workshop.read("form.p12")
        let x = try phrase("x")
        #expect(throws: KeyFault.noKeyInside) { try KeyFile.read(bytes, passphrase: x) }
    }

    @Test func `what is no key is refused`() throws {
        let workshop = try SignatureWorkshop()
        let certificate = try workshop.read("leaf.pem")
        #expect(throws: KeyFault.notAKey) { try KeyFile.read(certificate, passphrase: nil) }
        #expect(throws: KeyFault.notAKey) { try KeyFile.read([], passphrase: nil) }
        #expect(throws: KeyFault.notAKey) {
            try KeyFile.read([0x30, 0x03, 0x02, 0x01, 0x00], passphrase: nil)
        }
        let login = Array(
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n".utf8)
        #expect(throws: KeyFault.keyForLogIn) { try KeyFile.read(login, passphrase: nil) }
        let endless = [UInt8](repeating: 0x30, count: KeyFile.largest + 1)
        #expect(throws: KeyFault.notAKey) { try KeyFile.read(endless, passphrase: nil) }
    }

    @Test func `a key signs for its own certificate only`() throws {
        let workshop = try SignatureWorkshop()
        let other = try CertificateMint.key(.p256)
        let stranger = try SignatureWorkshop.certificate("Stranger", key: other, issuer: nil)
        let file = try KeyFile.read(workshop.read("key.pem"), passphrase: nil)
        #expect(file.key.isKey(of: workshop.leaf))
        #expect(!file.key.isKey(of: stranger))
        #expect(throws: CertificateFault.self) { try DocumentSigner(key: file.key, certificate: stranger) }
    }

    @Test func `certificates between signer and authority travel with the signature`() throws {
        let workshop = try SignatureWorkshop()
        let middle = try SignatureWorkshop.authority("Middle", above: workshop.root)
        let leaf = try SignatureWorkshop.certificate("An Peeters", key: workshop.key, issuer: middle)
        let key = try KeyFile.read(workshop.read("key.pem"), passphrase: nil).key
        let alone = try DocumentSigner(key: key, certificate: leaf)
        try workshop.write("signature", alone.signFile(at: workshop.path("payload")))
        #expect(throws: StageFailure.self) { try workshop.verify(registered: [leaf]).get() }
        let chained = try DocumentSigner(
            key: key, certificate: leaf, chain: [middle.certificate.der, leaf.der])
        try workshop.write("signature", chained.signFile(at: workshop.path("payload")))
        #expect(throws: Never.self) { try workshop.verify(registered: [leaf]).get() }
    }

    @Test func `a passphrase is not shown, and nothing is left where it came from`() throws {
        var bytes = Array("open-sesame".utf8)
        let secret = try #require(Passphrase(wiping: &bytes))
        #expect(bytes.isEmpty)
        #expect("\(secret)" == "(secret)")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("sesame"))
        var broken: [UInt8] = [0x61, 0, 0x62]
        #expect(Passphrase(wiping: &broken) == nil)
        var endless = [UInt8](repeating: 0x61, count: Passphrase.longest + 1)
        #expect(Passphrase(wiping: &endless) == nil)
    }
}
