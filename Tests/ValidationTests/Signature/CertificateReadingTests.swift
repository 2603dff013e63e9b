import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct CertificateReadingTests {
    @Test func `a certificate is read as openssl reads it`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        let key = try CertificateMint.key(.p384)
        let facts = try SignatureWorkshop.certificate(
            "Zoë D'Hondt", key: key, issuer: shop.root, serial: [1, 0xAB])
        try shop.write("c.pem", CertificateMint.pem(facts))
        let words = try shop.openssl(
            "x509 -in c.pem -noout -subject -issuer -serial -fingerprint -sha256 -enddate -nameopt RFC2253,-esc_msb"
        ).words
        #expect(words.contains("subject=\(facts.subject)\n") && facts.subject == "CN=Zoë D'Hondt,O=Acme")
        #expect(words.contains("issuer=\(facts.issuer)\n") && facts.issuer == "CN=Test Root")
        #expect(words.contains("serial=\(facts.serialHexadecimal)\n") && facts.serialHexadecimal == "01AB")
        let fingerprint = facts.fingerprint.bytes.map { [$0].hexadecimal.uppercased() }.joined(separator: ":")
        #expect(words.contains("=\(fingerprint)\n"))
        #expect(words.contains("notAfter=Sep 23 15:06:40 2025 GMT"))
        #expect(facts.notAfter == SignatureWorkshop.now + 100 * SignatureWorkshop.day)
        #expect(facts.serialDecimal == "427" && facts.owner == "Zoë D'Hondt" && facts.company == "Acme")
        #expect(facts.keyKind == "EC" && facts.keyBits == 384 && !facts.isAuthority)
        #expect(shop.leaf.keyKind == "RSA" && shop.leaf.keyBits == 2048)
        #expect(shop.root.certificate.isAuthority && shop.root.certificate.company == nil)
    }

    @Test func `DER, PEM, and PEM with text around it are read`() throws {
        let shop = try SignatureWorkshop()
        let pem = CertificateMint.pem(shop.leaf)
        let crlf = String(decoding: pem, as: UTF8.self).replacingOccurrences(of: "\n", with: "\r\n")
        for file in [
            shop.leaf.der, pem, Array("Bag Attributes\n  x: y\n".utf8) + pem + [0x0A], Array(crlf.utf8),
        ] {
            #expect(try CertificateFacts.read(file) == shop.leaf)
        }
    }

    @Test func `a private key is told from a certificate in every form`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        let made = [
            "pkey -in key.pem -outform DER -out pkcs8.der", "rsa -in key.pem -outform DER -out pkcs1.der",
            "rsa -in key.pem -traditional -out pkcs1.pem",
            "rsa -in key.pem -traditional -outform DER -out pkcs1.der",
            "pkcs8 -topk8 -in key.pem -passout pass:secret -outform DER -out encrypted.der",
            "pkcs8 -topk8 -in key.pem -passout pass:secret -out encrypted.pem",
            "pkcs12 -export -in leaf.pem -inkey key.pem -passout pass:secret -out all.p12",
            "ecparam -name prime256v1 -genkey -noout -outform DER -out sec1.der",
            "ecparam -name prime256v1 -genkey -noout -out sec1.pem",
        ]
        for arguments in made { try #require(try shop.openssl(arguments).code == 0) }
        let files = [
            "key.pem", "pkcs8.der", "pkcs1.der", "pkcs1.pem", "encrypted.der", "encrypted.pem", "all.p12",
            "sec1.der",
            "sec1.pem",
        ]
        for name in files {
            let file = try shop.read(name)
            #expect(throws: CertificateFault.privateKeyGiven, "\(name)") { try CertificateFacts.read(file) }
        }
        let both = try shop.read("leaf.pem") + shop.read("key.pem")
        #expect(throws: CertificateFault.privateKeyGiven) { try CertificateFacts.read(both) }
    }

    @Test func `what is no certificate is refused`() throws {
        let shop = try SignatureWorkshop()
        try #require(try shop.openssl("pkey -in key.pem -pubout -out public.pem").code == 0)
        let files: [[UInt8]] = [
            [], Array("hello".utf8), [0x30, 0x00], shop.leaf.der + [0], Array(shop.leaf.der.dropLast()),
            try shop.read("public.pem"),
        ]
        for file in files {
            #expect(throws: CertificateFault.notACertificate) { try CertificateFacts.read(file) }
        }
        let two = try shop.read("leaf.pem") + shop.read("root.pem")
        #expect(throws: CertificateFault.severalCertificates) { try CertificateFacts.read(two) }
    }

    @Test func `a certificate with an extension that cannot be read is refused`() throws {
        var der = try SignatureWorkshop().leaf.der
        // Critical basic constraints, the sequence in them empty, which becomes a NULL.
        let constraints: [UInt8] = [0x55, 0x1D, 0x13, 0x01, 0x01, 0xFF, 0x04, 0x02, 0x30, 0x00]
        der[try #require(der.firstRange(of: constraints)).upperBound - 2] = 0x05
        #expect(throws: CertificateFault.notACertificate) { try CertificateFacts.read(der) }
    }

    @Test func `decoded certificates are kept up to a number`() throws {
        var der = try SignatureWorkshop().leaf.der
        let cache = CertificateCache()
        let first = try cache.certificate(der)
        #expect(try cache.certificate(der) === first)
        let kept = der
        for number in 0..<5000 {
            // The end of the signature, which nobody reads.
            der.replaceSubrange((der.count - 2)..., with: [UInt8(number >> 8), UInt8(number & 0xFF)])
            _ = try cache.certificate(der)
        }
        #expect(try cache.certificate(kept) !== first)
    }

    @Test func `weak and unknown keys are refused`() throws {
        let shop = try SignatureWorkshop()
        let weak = try SignatureWorkshop.certificate(
            "Weak", key: try CertificateMint.key(.rsa(bits: 1024)), issuer: shop.root)
        #expect(throws: CertificateFault.weakKey(kind: "RSA", bits: 1024)) {
            try CertificateFacts.read(weak.der)
        }
        for (kind, name) in [
            ("-newkey ed25519", "ED25519"),
            ("-newkey ec -pkeyopt ec_paramgen_curve:secp256k1", "EC secp256k1"),
        ] {
            let arguments = "req -x509 -nodes -keyout k.pem -subj /CN=Other -out other.pem \(kind)"
            try #require(try shop.openssl(arguments).code == 0)
            let file = try shop.read("other.pem")
            #expect(throws: CertificateFault.unsupportedKey(name)) { try CertificateFacts.read(file) }
        }
    }

    @Test func `authorities are read in numbers, and only authorities`() throws {
        let shop = try SignatureWorkshop()
        let second = try SignatureWorkshop.authority("Second", above: shop.root)
        let bundle = CertificateMint.pem(shop.root.certificate) + CertificateMint.pem(second.certificate)
        #expect(try CertificateFacts.readAuthorities(bundle) == [shop.root.certificate, second.certificate])
        let mixed = bundle + CertificateMint.pem(shop.leaf)
        #expect(throws: CertificateFault.notAnAuthority) { try CertificateFacts.readAuthorities(mixed) }
        #expect(throws: CertificateFault.notACertificate) { try CertificateFacts.readAuthorities([]) }
    }

    @Test func `a revocation list is read as openssl reads it`() throws {
        let shop = try SignatureWorkshop()
        let now = SignatureWorkshop.now
        let list = try CertificateMint.revocationList(
            .init(
                revoked: [([2], now)], number: 41, thisUpdate: now, nextUpdate: now + SignatureWorkshop.day),
            issuer: shop.root)
        try shop.write("crl.pem", CertificateMint.pem(list))
        let words = try shop.openssl("crl -in crl.pem -noout -text -CAfile root.pem -verify").words
        #expect(words.contains("verify OK") && words.contains("Serial Number: 02"))
        #expect(list.number == "41" && list.issuer == "CN=Test Root" && list.thisUpdate == now)
        #expect(list.nextUpdate == now + SignatureWorkshop.day)
        #expect(try RevocationListFacts.read(CertificateMint.pem(list)) == list)
        #expect(try RevocationListFacts.read(list.der) == list)
        #expect(throws: CertificateFault.notACertificate) { try RevocationListFacts.read(shop.leaf.der) }
        #expect(throws: CertificateFault.notACertificate) { try CertificateFacts.read(list.der) }
    }

    @Test func `every fault says a sentence`() {
        let faults: [CertificateFault] = [
            .notACertificate, .privateKeyGiven, .severalCertificates, .weakKey(kind: "RSA", bits: 1024),
            .unsupportedKey("ED25519"), .expired(SignatureWorkshop.now), .notYetValid(SignatureWorkshop.now),
            .notAnAuthority, .isAnAuthority, .noAcceptedAuthority, .revoked(at: SignatureWorkshop.now),
            .signatureUseNotAllowed, .notAcceptable("x"), .internalFault("It failed."),
        ]
        #expect(Set(faults.map(\.sentence)).count == faults.count)
        #expect(faults.allSatisfy { $0.sentence.hasSuffix(".") })
        #expect(CertificateFault.expired(SignatureWorkshop.now).sentence.contains("2025-06-15T15:06:40Z"))
    }
}
