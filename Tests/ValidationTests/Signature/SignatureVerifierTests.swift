import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct SignatureVerifierTests {
    @Test(arguments: ["sha256", "sha384", "sha512"])
    func `every digest is verified with every kind of key`(digest: String) throws {
        let kinds: [(CertificateMint.KeyKind, String)] = [
            (.p256, "EC-256 ECDSA"), (.p384, "EC-384 ECDSA"), (.p521, "EC-521 ECDSA"),
            (.rsa(bits: 2048), "RSA-2048 PKCS1"), (.rsa(bits: 3072), "RSA-3072 PKCS1"),
        ]
        for (kind, name) in kinds {
            let shop = try SignatureWorkshop(kind)
            try shop.sign("-md \(digest)")
            #expect(try shop.verify().get().algorithm == "\(name) \(digest.uppercased())")
        }
    }

    @Test func `evidence says what was judged`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        let evidence = try shop.verify().get()
        #expect(evidence.payloadDigest == Digest(ofSHA256: SignatureWorkshop.payload))
        #expect(evidence.signatureDigest == Digest(ofSHA256: try shop.read("signature")))
        #expect(evidence.certificate == shop.leaf.fingerprint)
        #expect(evidence.subject == "CN=Jan Peeters,O=Acme" && evidence.issuer == "CN=Test Root")
        #expect(evidence.serialHexadecimal == shop.leaf.serialHexadecimal)
        #expect(evidence.form == .raw && evidence.verifiedAt == SignatureWorkshop.now)
        #expect(evidence.chain.chain == [shop.leaf.fingerprint, shop.root.certificate.fingerprint])
        #expect(evidence.chain.revocation.map(\.isChecked) == [false])
        #expect(abs(try #require(evidence.signingTime).timeIntervalSinceNow) < 3600)
        let copy = try JSONDecoder().decode(VerifiedSignature.self, from: JSONEncoder().encode(evidence))
        #expect(copy == evidence)
    }

    @Test(arguments: [
        "-keyid", "-noattr", "-nocerts", "-noattr -keyid -nocerts", "-nosmimecap", "-cades",
        "-certfile root.pem",
    ])
    func `what openssl makes is verified`(options: String) throws {
        let shop = try SignatureWorkshop()
        try shop.sign(options)
        #expect(try shop.verify().get().certificate == shop.leaf.fingerprint)
        try shop.sign(options, form: "PEM")
        #expect(try shop.verify().get().certificate == shop.leaf.fingerprint)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 8])
    func `a message of indefinite lengths is verified, by openssl too`(depth: Int) throws {
        let shop = try SignatureWorkshop()
        for options in ["-nocerts", "-noattr -keyid -nocerts", "-nocerts -md sha384"] {
            try shop.sign(options)
            try shop.makeIndefinite(depth: depth)
            #expect(try shop.read("signature").starts(with: [0x30, 0x80]))
            let check = "cms -verify -binary -inform DER -in signature -content payload -CAfile root.pem"
            let words = try shop.openssl("\(check) -certfile leaf.pem -attime 1750000000").words
            #expect(words.contains("Verification successful"), "\(words)")
            #expect(try shop.verify().get().form == .raw)
        }
    }

    @Test func `an older PKCS7 signature is verified`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        let options =
            "smime -sign -binary -in payload -out signature -outform PEM -signer leaf.pem -inkey key.pem"
        try #require(try shop.openssl(options).code == 0)
        #expect(try String(decoding: shop.read("signature"), as: UTF8.self).contains("BEGIN PKCS7"))
        #expect(try shop.verify().get().algorithm == "RSA-2048 PKCS1 SHA256")
    }

    @Test(arguments: [
        "", "-keyopt rsa_pss_saltlen:20", "-keyopt rsa_pss_saltlen:0", "-md sha512", "-md sha384 -noattr",
    ])
    func `RSASSA-PSS is verified`(options: String) throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        try shop.sign("-keyopt rsa_padding_mode:pss \(options)")
        #expect(try shop.verify().get().algorithm.hasPrefix("RSA-2048 PSS"))
    }

    @Test(arguments: [
        (64, "\n"), (76, "\r"), (76, "\r\n"), (64, "\r\n"), (1, "\n"), (100_000, ""), (19, " \t\r\n"),
    ])
    func `any line length and line end is read`(columns: Int, end: String) throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        let text = SignatureText.encode(try shop.read("signature")).filter { $0 > 0x20 }
        var file: [UInt8] = []
        for start in stride(from: 0, to: text.count, by: columns) {
            file += text[start..<min(start + columns, text.count)] + Array(end.utf8)
        }
        try shop.write("signature", file)
        #expect(try shop.verify().get().form == .raw)
        let armour = Array("-----BEGIN PKCS7-----\r".utf8) + file + Array("\r-----END PKCS7-----\r\n\n".utf8)
        try shop.write("signature", armour)
        #expect(try shop.verify().get().form == .raw)
    }

    @Test(arguments: ["", "-noattr", "-md sha512", "-md sha512 -noattr"])
    func `a signature over the CRLF form is taken and noted`(options: String) throws {
        let shop = try SignatureWorkshop()
        let text = String(decoding: SignatureWorkshop.payload, as: UTF8.self)
        let crlf = text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(
            of: "\n", with: "\r\n")
        try shop.write("payload", Array(crlf.utf8))
        try shop.sign(options)
        try shop.write("payload", SignatureWorkshop.payload)
        let evidence = try shop.verify().get()
        #expect(evidence.form == .crlf)
        #expect(evidence.payloadDigest == Digest(ofSHA256: SignatureWorkshop.payload))
    }

    @Test func `the CRLF form that openssl makes of text is taken`() throws {
        let shop = try SignatureWorkshop()
        let options = "cms -sign -in payload -out signature -outform DER -signer leaf.pem -inkey key.pem"
        try #require(try shop.openssl(options).code == 0)
        #expect(try shop.verify().get().form == .crlf)
    }

    @Test func `line ends are converted over pieces`() {
        var converter = LineEndConverter()
        var output: [UInt8] = []
        for piece in ["a\r", "\nb\n", "\n", "c\rd", "", "\r"] {
            Array(piece.utf8).withUnsafeBytes { converter.convert($0) { output += $0 } }
        }
        #expect(String(decoding: output, as: UTF8.self) == "a\r\nb\r\n\r\nc\rd\r")
    }

    @Test func `one of several registered certificates is enough`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign("-keyid -nocerts")
        // Renewal with the same key: both bear the same key identifier, and only one is in date.
        let old = try SignatureWorkshop.certificate("Jan", key: shop.key, issuer: shop.root, until: -1)
        let evidence = try shop.verify(registered: [old, shop.leaf]).get()
        #expect(evidence.certificate == shop.leaf.fingerprint)
        expectRefusal(try shop.verify(registered: [old]), .signatureInvalid, "expired")
    }

    @Test func `an empty payload is verified`() throws {
        let shop = try SignatureWorkshop()
        try shop.write("payload", [])
        try shop.sign()
        #expect(try shop.verify().get().payloadDigest == Digest(ofSHA256: []))
    }

    @Test func `a payload of 50 MB is verified, and refused when its last byte differs`() throws {
        let shop = try SignatureWorkshop()
        let line = Array("<Form><Identification>DMFA</Identification></Form>\n".utf8)
        var payload: [UInt8] = []
        payload.reserveCapacity(52_500_000)
        while payload.count < 52_428_800 { payload += line }
        try shop.write("payload", payload)
        try shop.sign()
        // Without the slow path, which would hold it in memory several times.
        func verdict() throws -> Result<VerifiedSignature, StageFailure> {
            try shop.verdict(shop.trust(), [shop.leaf], at: SignatureWorkshop.now)
        }
        #expect(try verdict().get().form == .raw)
        payload[payload.count - 1] = 0x20
        try shop.write("payload", payload)
        expectRefusal(try verdict(), .signatureInvalid, "does not belong")
    }

    @Test func `many threads verify at the same time`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        let list = try CertificateMint.revocationList(
            .init(revoked: [], number: 1, thisUpdate: SignatureWorkshop.now, nextUpdate: nil),
            issuer: shop.root)
        try shop.sign()
        let trust = try shop.trust(lists: [list])
        let verifier = SignatureVerifier(policy: .init(), trust: trust)
        let name = try #require(FileName("FS"))
        let (payload, signature, leaf) = (shop.path("payload"), shop.path("signature"), shop.leaf)
        DispatchQueue.concurrentPerform(iterations: 400) { iteration in
            let registered = iteration.isMultiple(of: 2) ? [leaf] : []
            do throws(StageFailure) {
                let evidence = try verifier.verify(
                    SentFile(name, at: payload), with: SentFile(name, at: signature),
                    registered: registered.map(\.der), at: SignatureWorkshop.now)
                #expect(iteration.isMultiple(of: 2) && evidence.certificate == leaf.fingerprint)
            } catch {
                guard case .refused(let findings) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(findings.map(\.code) == [.certificateNotOfSender] && !iteration.isMultiple(of: 2))
            }
        }
    }
}
