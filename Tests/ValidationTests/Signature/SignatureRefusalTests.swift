import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct SignatureRefusalTests {
    @Test func `a changed byte of the payload is refused`() throws {
        let shop = try SignatureWorkshop()
        for options in ["", "-noattr"] {
            try shop.write("payload", SignatureWorkshop.payload)
            try shop.sign(options)
            var payload = SignatureWorkshop.payload
            payload[10] ^= 1
            try shop.write("payload", payload)
            expectRefusal(try shop.verify(), .signatureInvalid, "does not belong to the bytes of FI.DIMN")
        }
    }

    @Test func `a wrong signature value is refused`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        try shop.sign("-nocerts")
        var signature = try shop.read("signature")
        signature[signature.count - 5] ^= 1
        try shop.write("signature", signature)
        expectRefusal(try shop.verify(), .signatureInvalid, "signature value is wrong")
    }

    @Test func `a good certificate that is not registered is refused with 153`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        expectRefusal(
            try shop.verify(registered: []), .certificateNotOfSender, shop.leaf.fingerprint.description)
        let other = try SignatureWorkshop.certificate(
            "An", key: try CertificateMint.key(.p256), issuer: shop.root)
        expectRefusal(try shop.verify(registered: [other]), .certificateNotOfSender, "not registered")
    }

    @Test func `a renewed certificate with the same key is not the registered one`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign("-cades")
        let renewed = try SignatureWorkshop.certificate("Jan Peeters", key: shop.key, issuer: shop.root)
        expectRefusal(try shop.verify(registered: [renewed]), .certificateNotOfSender, "not registered")
    }

    @Test func `a key identifier shared with a registered certificate does not hide the bound certificate`()
        throws
    {
        let shop = try SignatureWorkshop()
        try shop.sign("-cades -keyid")
        let renewed = try SignatureWorkshop.certificate("Jan Peeters", key: shop.key, issuer: shop.root)
        expectRefusal(try shop.verify(registered: [renewed]), .certificateNotOfSender, "not registered")
    }

    @Test func `facts with another fingerprint than their bytes register nothing more`() throws {
        let shop = try SignatureWorkshop()
        let stranger = try CertificateMint.key(.p256)
        let other = try SignatureWorkshop.certificate("An", key: stranger, issuer: shop.root)
        try shop.write("leaf.pem", CertificateMint.pem(other))
        try shop.write("key.pem", stranger.pem())
        try shop.sign()
        let forged = CertificateFacts(
            der: shop.leaf.der, fingerprint: other.fingerprint, subject: other.subject, issuer: other.issuer,
            owner: other.owner, company: other.company, serialDecimal: other.serialDecimal,
            serialHexadecimal: other.serialHexadecimal, notBefore: other.notBefore, notAfter: other.notAfter,
            keyKind: other.keyKind, keyBits: other.keyBits, isAuthority: false)
        expectRefusal(try shop.verify(registered: [forged]), .certificateNotOfSender, "not registered")
    }

    @Test func `a certificate that is neither embedded nor registered is refused`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign("-nocerts")
        expectRefusal(try shop.verify(registered: []), .signatureInvalid, "neither registered nor embedded")
    }

    @Test func `another certificate of the same issuer and serial number is refused`() throws {
        let shop = try SignatureWorkshop()
        let serial = Array(try #require([UInt8](hexadecimal: shop.leaf.serialHexadecimal)))
        // An impostor authority of the same name issues a certificate with the same serial number.
        let impostor = try SignatureWorkshop.authority("Test Root")
        let key = try CertificateMint.key(.p256)
        let fake = try SignatureWorkshop.certificate(
            "Jan Peeters", key: key, issuer: impostor, serial: serial)
        try shop.write("leaf.pem", CertificateMint.pem(fake))
        try shop.write("key.pem", key.pem())
        try shop.write("impostor.pem", CertificateMint.pem(impostor.certificate))
        try shop.sign("-certfile impostor.pem")
        expectRefusal(try shop.verify(), .signatureInvalid, "signature value is wrong")
        expectRefusal(
            try shop.verify(registered: []), .signatureInvalid, "not issued by an accepted authority")
        // Registered by mistake, it is still not good.
        expectRefusal(
            try shop.verify(registered: [fake]), .signatureInvalid, "not issued by an accepted authority")
    }

    @Test(arguments: ["sha1", "md5"])
    func `a weak digest is refused`(digest: String) throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        try shop.sign("-md \(digest)")
        expectRefusal(try shop.verify(), .signatureInvalid, "digest algorithm that is not an allowed one")
    }

    @Test func `SHA-1 is taken only when the policy says so, and MD5 never`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        var policy = SignaturePolicy()
        policy.allowsSHA1 = true
        try shop.sign("-md sha1")
        #expect(try shop.verify(policy: policy).get().algorithm == "RSA-2048 PKCS1 SHA1")
        try shop.sign("-md md5")
        expectRefusal(try shop.verify(policy: policy), .signatureInvalid, "digest algorithm")
    }

    @Test func `RSASSA-PSS with a mask of SHA-1 is refused`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        try shop.sign("-keyopt rsa_padding_mode:pss -keyopt rsa_mgf1_md:sha1")
        expectRefusal(try shop.verify(), .signatureInvalid, "mask digest")
        var policy = SignaturePolicy()
        policy.allowsSHA1 = true
        #expect(try shop.verify(policy: policy).get().algorithm == "RSA-2048 PSS SHA256")
    }

    @Test(arguments: [0x30, 0x31, 0x38] as [UInt8])
    func `a mask of RSASSA-PSS is a sequence`(tag: UInt8) throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        try shop.sign("-keyopt rsa_padding_mode:pss")
        var bytes = try shop.read("signature")
        // The name of MGF1, which the sequence begins with (RFC 4055 section 2.2).
        let name: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08]
        bytes[try #require(bytes.firstRange(of: name)).lowerBound - 2] = tag
        try shop.write("signature", bytes)
        if tag == 0x30 {
            #expect(try shop.verify().get().algorithm == "RSA-2048 PSS SHA256")
        } else {
            expectRefusal(try shop.verify(), .signatureInvalid, "RSASSA-PSS")
        }
    }

    /// OpenSSL takes whatever algorithm stands beside an elliptic curve.
    @Test func `a key of another kind than the signature algorithm is refused`() throws {
        let kinds: [(CertificateMint.KeyKind, [UInt8])] = [
            (.rsa(bits: 2048), SignatureScheme.ecdsaWithSHA256), (.p256, SignatureScheme.rsaEncryption),
        ]
        for (kind, identifier) in kinds {
            let shop = try SignatureWorkshop(kind)
            try shop.sign()
            var message = try #require(MessageTree(shop.read("signature")))
            try message.edit([1, 0, -1, 0, 4, 0]) { $0 = .bytes(tag: BERElement.identifier, identifier) }
            try shop.write("signature", message.encoded)
            expectRefusal(
                try shop.verdict(shop.trust(), [shop.leaf]), .signatureInvalid, "signature value is wrong")
        }
    }

    @Test func `two signers are refused`() throws {
        let shop = try SignatureWorkshop()
        let key = try CertificateMint.key(.p256)
        try shop.write("key2.pem", key.pem())
        let other = try SignatureWorkshop.certificate("An", key: key, issuer: shop.root)
        try shop.write("leaf2.pem", CertificateMint.pem(other))
        try shop.sign(signer: "-signer leaf.pem -inkey key.pem -signer leaf2.pem -inkey key2.pem")
        expectRefusal(try shop.verify(), .signatureInvalid, "2 signers")
    }

    @Test func `no signer is refused`() throws {
        let shop = try SignatureWorkshop()
        // A SignedData that carries certificates only.
        let arguments = "crl2pkcs7 -nocrl -certfile leaf.pem -outform DER -out signature"
        try #require(try shop.openssl(arguments).code == 0)
        expectRefusal(try shop.verify(), .signatureInvalid, "0 signers")
    }

    @Test func `a signature that holds the content is refused`() throws {
        let shop = try SignatureWorkshop()
        for options in ["-nodetach", "-nodetach -stream"] {
            try shop.sign(options)
            expectRefusal(try shop.verify(), .signatureInvalid, "holds the content")
        }
    }

    @Test func `another content type is refused`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign("-econtent_type 1.2.840.113549.1.9.16.1.4")
        expectRefusal(try shop.verify(), .signatureInvalid, "inner content type")
    }

    @Test func `a message that is not signed data is refused`() throws {
        let shop = try SignatureWorkshop()
        try #require(try shop.openssl("cms -digest_create -in payload -outform DER -out signature").code == 0)
        expectRefusal(try shop.verify(), .signatureInvalid, "not a SignedData")
    }

    @Test func `bytes after the message are refused, white space after the text is not`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        let signature = try shop.read("signature")
        try shop.write("signature", signature + [0])
        expectRefusal(try shop.verify(), .signatureInvalid, "Bytes follow")
        try shop.write("signature", SignatureText.encode(signature + [0x30, 0x00]))
        expectRefusal(try shop.verify(), .signatureInvalid, "Bytes follow")
        try shop.write("signature", SignatureText.encode(signature) + Array("\r\n \t\n".utf8))
        #expect(try shop.verify().get().form == .raw)
        try shop.write("signature", SignatureText.encode(signature) + Array("!".utf8))
        expectRefusal(try shop.verify(), .signatureInvalid, "neither strict base64 nor DER")
    }

    @Test(arguments: ["", "hello", "MIIB", "0", "-----BEGIN CMS-----\n-----END CMS-----\n", "<xml/>"])
    func `what is no message is refused`(text: String) throws {
        let shop = try SignatureWorkshop()
        try shop.write("signature", Array(text.utf8))
        expectRefusal(try shop.verify(), .signatureInvalid, "signature file")
    }

    @Test func `a signature file above the limit is refused`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        var policy = SignaturePolicy()
        policy.signatureFileLimit = try shop.read("signature").count - 1
        expectRefusal(try shop.verify(policy: policy), .signatureInvalid, "larger than")
        policy.signatureFileLimit += 1
        #expect(try shop.verify(policy: policy).get().form == .raw)
    }

    @Test(arguments: ["payload", "signature"])
    func `a file that cannot be read is a deferral`(name: String) throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        try FileManager.default.removeItem(atPath: shop.path(name))
        expectDeferral(try shop.verify(), .diskFault)
        try FileManager.default.createDirectory(atPath: shop.path(name), withIntermediateDirectories: false)
        expectDeferral(try shop.verify(), .diskFault)
    }

    @Test func `a registered certificate that cannot be read is a deferral`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        let leaf = shop.leaf
        var keyless = leaf.der
        // The point of the key, no longer on the curve.
        keyless[try #require(keyless.firstRange(of: [0x03, 0x42, 0x00, 0x04])).upperBound] ^= 1
        for der in [[1, 2, 3], keyless] {
            let broken = CertificateFacts(
                der: der, fingerprint: leaf.fingerprint, subject: leaf.subject, issuer: leaf.issuer,
                owner: leaf.owner, company: nil, serialDecimal: "1", serialHexadecimal: "1",
                notBefore: leaf.notBefore, notAfter: leaf.notAfter, keyKind: "EC", keyBits: 256,
                isAuthority: false)
            expectDeferral(try shop.verify(registered: [broken]), .registryUnavailable)
        }
    }

    @Test func `the attributes of one signature do not serve for a payload`() throws {
        // Without signed attributes, the signature is over the payload: the attributes of another signature,
        // written to a file, would be such a payload. It is then signed for, but as those very bytes only.
        let shop = try SignatureWorkshop()
        try shop.sign()
        let message = try SignedMessage(file: shop.read("signature"), policy: .init())
        let attributes = try #require(message.attributes)
        let digest = DigestKind.sha256.digest(SignatureWorkshop.payload)
        let leaf = try DecodedCertificate(der: shop.leaf.der)
        #expect(message.isRight(payload: digest, by: leaf))
        #expect(!message.isRight(payload: DigestKind.sha256.digest(attributes.encoded), by: leaf))
    }
}
