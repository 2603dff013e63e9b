import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct TrustStoreTests {
    private let now = SignatureWorkshop.now
    private let day = SignatureWorkshop.day

    private func list(
        _ issuer: CertificateMint.Issuer, revoking: [CertificateFacts] = [], number: Int = 1,
        from: TimeInterval = -1,
        until: TimeInterval? = 1
    ) throws -> RevocationListFacts {
        let revoked = try revoking.map { facts in
            (serial: try #require([UInt8](hexadecimal: facts.serialHexadecimal)), at: now - 3 * day)
        }
        return try CertificateMint.revocationList(
            .init(
                revoked: revoked, number: number, thisUpdate: now + from * day,
                nextUpdate: until.map { now + $0 * day }),
            issuer: issuer)
    }

    private func fault(
        _ trust: TrustStore, _ certificate: CertificateFacts, _ intermediates: [CertificateFacts] = [],
        at time: Date? = nil
    ) -> ChainFault? {
        do throws(ChainFault) {
            _ = try trust.judge(certificate, intermediates: intermediates.map(\.der), at: time ?? now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a certificate is good inside its dates only`() throws {
        let shop = try SignatureWorkshop()
        let trust = try shop.trust()
        // The good verdict is kept; it must not outlive the certificate.
        #expect(fault(trust, shop.leaf) == nil)
        #expect(fault(trust, shop.leaf, at: shop.leaf.notAfter) == nil)
        #expect(fault(trust, shop.leaf, at: shop.leaf.notBefore) == nil)
        #expect(
            fault(trust, shop.leaf, at: shop.leaf.notAfter + 1) == .certificate(.expired(shop.leaf.notAfter)))
        #expect(
            fault(trust, shop.leaf, at: shop.leaf.notBefore - 1)
                == .certificate(.notYetValid(shop.leaf.notBefore)))
        #expect(fault(trust, shop.leaf) == nil)
    }

    @Test func `an expired authority is no authority`() throws {
        let shop = try SignatureWorkshop()
        let old = try SignatureWorkshop.authority("Old", until: -1)
        let leaf = try SignatureWorkshop.certificate("An", key: shop.key, issuer: old)
        let found = fault(try shop.trust(authorities: [old.certificate]), leaf)
        #expect(found == .authority(.expired(old.certificate.notAfter), subject: "CN=Old"))
        #expect(found?.sentence.contains("CN=Old") == true)
    }

    @Test func `a sentence holds no name of a stranger unescaped`() throws {
        let shop = try SignatureWorkshop()
        let old = try SignatureWorkshop.authority("Zoë\n\u{202E}", above: shop.root, until: -1)
        let leaf = try SignatureWorkshop.certificate("An", key: shop.key, issuer: old)
        let sentence = fault(try shop.trust(), leaf, [old.certificate])?.sentence ?? ""
        #expect(sentence.contains("CN=Zo"), "\(sentence)")
        #expect(sentence.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }

    @Test func `a certificate of another authority is refused`() throws {
        let shop = try SignatureWorkshop()
        let other = try SignatureWorkshop.authority("Other")
        let namesake = try SignatureWorkshop.authority("Test Root")
        for issuer in [other, namesake] {
            let leaf = try SignatureWorkshop.certificate("An", key: shop.key, issuer: issuer)
            #expect(fault(try shop.trust(), leaf) == .certificate(.noAcceptedAuthority))
            #expect(fault(try shop.trust(), leaf, [issuer.certificate]) == .certificate(.noAcceptedAuthority))
        }
        let own = try SignatureWorkshop.certificate("Self", key: shop.key, issuer: nil)
        #expect(fault(try shop.trust(), own) == .certificate(.noAcceptedAuthority))
        #expect(fault(try shop.trust(authorities: []), shop.leaf) == .certificate(.noAcceptedAuthority))
    }

    @Test func `an authority does not sign`() throws {
        let shop = try SignatureWorkshop()
        let below = try SignatureWorkshop.authority("Below", above: shop.root)
        #expect(fault(try shop.trust(), below.certificate) == .certificate(.isAnAuthority))
        #expect(fault(try shop.trust(), shop.root.certificate) == .certificate(.isAnAuthority))
    }

    @Test func `a signer is no authority`() throws {
        let shop = try SignatureWorkshop()
        let issuer = CertificateMint.Issuer(certificate: shop.leaf, key: shop.key)
        let leaf = try SignatureWorkshop.certificate(
            "An", key: try CertificateMint.key(.p256), issuer: issuer)
        #expect(fault(try shop.trust(), leaf, [shop.leaf]) != nil)
        #expect(throws: CertificateFault.notAnAuthority) { try shop.trust(authorities: [shop.leaf]) }
    }

    @Test func `weak keys and wrong uses are refused`() throws {
        let shop = try SignatureWorkshop()
        let trust = try shop.trust()
        let weak = try SignatureWorkshop.certificate(
            "Weak", key: try CertificateMint.key(.rsa(bits: 1024)), issuer: shop.root)
        #expect(fault(trust, weak) == .certificate(.weakKey(kind: "RSA", bits: 1024)))
        let uses: [([CertificateMint.KeyUsage], Bool)] = [
            ([.keyEncipherment], false), ([.keyAgreement], false), ([.nonRepudiation], true),
            ([.digitalSignature, .keyEncipherment], true), ([], true),
        ]
        for (use, isGood) in uses {
            let leaf = try SignatureWorkshop.certificate(
                "An", key: shop.key, issuer: shop.root, keyUsage: use)
            #expect(fault(trust, leaf) == (isGood ? nil : .certificate(.signatureUseNotAllowed)))
        }
    }

    @Test(
        arguments: [
            (.p256, true, [.certificateSigning], true),
            (.rsa(bits: 1024), true, [.certificateSigning], false),
            (.p256, false, [.digitalSignature, .certificateSigning], false),
            (.p256, true, [.listSigning], false),
        ] as [(CertificateMint.KeyKind, Bool, [CertificateMint.KeyUsage], Bool)])
    func `an issuer has the key, the constraints and the use of an authority`(
        kind: CertificateMint.KeyKind, isAuthority: Bool, use: [CertificateMint.KeyUsage], isGood: Bool
    ) throws {
        let shop = try SignatureWorkshop()
        let key = try CertificateMint.key(kind)
        let middle = try SignatureWorkshop.certificate(
            "Middle", key: key, issuer: shop.root, isAuthority: isAuthority, keyUsage: use)
        let leaf = try SignatureWorkshop.certificate(
            "An", key: shop.key, issuer: .init(certificate: middle, key: key))
        let found = fault(try shop.trust(), leaf, [middle])
        #expect((found == nil) == isGood, "\(String(describing: found))")
    }

    @Test(arguments: [
        ("", nil), (",pathlen:1", nil), (",pathlen:0", "path length constraint exceeded"),
        ("\nnameConstraints=critical,excluded;dirName:n\n[n]\nO=Acme", "excluded subtree violation"),
        ("\nnameConstraints=critical,permitted;dirName:n\n[n]\nO=Other", "permitted subtree violation"),
        ("\n1.2.3.4=critical,ASN1:NULL", "unhandled critical extension"),
    ])
    func `an authority is held to the limits in its certificate`(limits: String, words: String?) throws {
        let shop = try SignatureWorkshop(isLasting: true)
        let middle = try openSSLAuthority("Middle", above: shop, "basicConstraints=critical,CA:TRUE\(limits)")
        let below = try SignatureWorkshop.authority("Below", above: middle, until: 30_000)
        let leaf = try SignatureWorkshop.certificate("An", key: shop.key, issuer: below, until: 30_000)
        let time = middle.certificate.notBefore
        let found = fault(try shop.trust(), leaf, [below.certificate, middle.certificate], at: time)
        guard let words else {
            #expect(found == nil)
            return
        }
        #expect(found?.sentence.contains(words) == true, "\(String(describing: found))")
    }

    @Test func `a path has eight authorities below the accepted one at most`() throws {
        let shop = try SignatureWorkshop()
        let trust = try shop.trust()
        var (issuer, others) = (shop.root, [CertificateFacts]())
        for count in 1...9 {
            issuer = try SignatureWorkshop.authority("Level \(count)", above: issuer)
            others.append(issuer.certificate)
            let leaf = try SignatureWorkshop.certificate("An", key: shop.key, issuer: issuer)
            #expect((fault(trust, leaf, others) == nil) == (count <= 8), "\(count)")
        }
    }

    @Test func `a kept verdict is that of its certificate`() throws {
        let shop = try SignatureWorkshop()
        let trust = try shop.trust()
        #expect(fault(trust, shop.leaf) == nil)
        let own = try SignatureWorkshop.certificate("Jan Peeters", key: shop.key, issuer: nil)
        #expect(fault(trust, own) == .certificate(.noAcceptedAuthority))
    }

    @Test func `a certificate is issued by the authority whose key signed it`() throws {
        let shop = try SignatureWorkshop()
        #expect(shop.leaf.isIssued(by: shop.root.certificate))
        let namesake = try SignatureWorkshop.authority("Test Root").certificate
        #expect(!shop.leaf.isIssued(by: namesake))
        var der = shop.leaf.der
        der[der.count - 1] ^= 1
        #expect(try !CertificateFacts.read(der).isIssued(by: shop.root.certificate))
    }

    @Test func `a certificate signed with SHA-1 is refused`() throws {
        let shop = try SignatureWorkshop(isLasting: true)
        try shop.write("rootkey.pem", shop.root.key.pem())
        try #require(try shop.openssl("req -new -key key.pem -subj /CN=An -out request.pem").code == 0)
        for (digest, isGood) in [("sha256", true), ("sha1", false)] {
            let arguments =
                "x509 -req -in request.pem -CA root.pem -CAkey rootkey.pem -CAcreateserial -out an.pem"
            try #require(try shop.openssl("\(arguments) -\(digest)").code == 0)
            let facts = try CertificateFacts.read(shop.read("an.pem"))
            let found = fault(try shop.trust(), facts, at: facts.notBefore)
            guard !isGood else {
                #expect(found == nil)
                continue
            }
            #expect(
                found?.sentence.contains("digest algorithm too weak") == true, "\(String(describing: found))")
        }
    }

    @Test func `an intermediate is found among those handed over, or accepted itself`() throws {
        let shop = try SignatureWorkshop()
        let middle = try SignatureWorkshop.authority("Middle", above: shop.root)
        let leaf = try SignatureWorkshop.certificate("An", key: shop.key, issuer: middle)
        #expect(fault(try shop.trust(), leaf) == .certificate(.noAcceptedAuthority))
        let chain = try shop.trust().judge(leaf, intermediates: [[1], middle.certificate.der], at: now).chain
        #expect(chain == [leaf, middle.certificate, shop.root.certificate].map(\.fingerprint))
        let short = try shop.trust(authorities: [middle.certificate]).judge(leaf, intermediates: [], at: now)
            .chain
        #expect(short == [leaf, middle.certificate].map(\.fingerprint))
        // A verdict reached with intermediates is not one without.
        let trust = try shop.trust()
        #expect(fault(trust, leaf, [middle.certificate]) == nil)
        #expect(fault(trust, leaf) == .certificate(.noAcceptedAuthority))
    }

    @Test func `a revoked certificate is refused, and another of the same list is not`() throws {
        let shop = try SignatureWorkshop()
        let other = try SignatureWorkshop.certificate("An", key: shop.key, issuer: shop.root)
        let trust = try shop.trust(lists: [try list(shop.root, revoking: [shop.leaf], number: 9)])
        #expect(fault(trust, shop.leaf) == .certificate(.revoked(at: now - 3 * day)))
        let evidence = try trust.judge(other, intermediates: [], at: now + 60).revocation
        #expect(evidence.count == 1)
        #expect(evidence[0].isChecked && evidence[0].number == "9" && evidence[0].issuer == "CN=Test Root")
        #expect(evidence[0].thisUpdate == now - day && evidence[0].nextUpdate == now + day)
        #expect(evidence[0].ageSeconds == 86_460 && evidence[0].certificate == other.fingerprint)
        #expect(try trust.judge(other, intermediates: [], at: now + 90).revocation[0].ageSeconds == 86_490)
    }

    @Test func `a revoked intermediate is refused, accepted itself or not`() throws {
        let shop = try SignatureWorkshop()
        let middle = try SignatureWorkshop.authority("Middle", above: shop.root)
        let leaf = try SignatureWorkshop.certificate("An", key: shop.key, issuer: middle)
        let revoking = try list(shop.root, revoking: [middle.certificate])
        let wanted = ChainFault.authority(.revoked(at: now - 3 * day), subject: "CN=Middle")
        #expect(fault(try shop.trust(lists: [revoking]), leaf, [middle.certificate]) == wanted)
        let both = [middle.certificate, shop.root.certificate]
        #expect(fault(try shop.trust(authorities: both, lists: [revoking]), leaf) == wanted)
    }

    @Test func `a list outside its time leaves revocation unknown`() throws {
        let shop = try SignatureWorkshop()
        let trust = try shop.trust(lists: [try list(shop.root)])
        #expect(fault(trust, shop.leaf) == nil)
        for time in [now + 2 * day, now - 2 * day] {
            guard case .revocationUnknown(let sentence) = fault(trust, shop.leaf, at: time) else {
                Issue.record("not unknown at \(time)")
                continue
            }
            #expect(sentence.contains("CN=Test Root"))
        }
        let endless = try shop.trust(lists: [try list(shop.root, until: nil)])
        #expect(fault(endless, shop.leaf, at: now + 50 * day) == nil)
    }

    @Test func `the newest list of an issuer counts`() throws {
        let shop = try SignatureWorkshop()
        let old = try list(shop.root, revoking: [shop.leaf], number: 1, from: -9, until: -8)
        let new = try list(shop.root, number: 2)
        #expect(fault(try shop.trust(lists: [new, old]), shop.leaf) == nil)
        let reverse = try list(shop.root, revoking: [shop.leaf], number: 3, from: -0.5)
        #expect(fault(try shop.trust(lists: [new, reverse, old]), shop.leaf) != nil)
    }

    @Test func `a list that its issuer did not sign is refused`() throws {
        let shop = try SignatureWorkshop()
        let forged = try list(try SignatureWorkshop.authority("Test Root"))
        #expect(throws: CertificateFault.noAcceptedAuthority) { try shop.trust(lists: [forged]) }
        let authorities = [shop.root.certificate]
        #expect(throws: CertificateFault.noAcceptedAuthority) {
            try TrustStore.check(forged, authorities: authorities)
        }
        let stranger = try list(try SignatureWorkshop.authority("Stranger"))
        #expect(throws: CertificateFault.noAcceptedAuthority) {
            try TrustStore.check(stranger, authorities: authorities)
        }
        #expect(throws: Never.self) { try TrustStore.check(try list(shop.root), authorities: authorities) }
    }

    @Test func `a list of an authority that may not sign lists is refused`() throws {
        let shop = try SignatureWorkshop()
        let certificate = try SignatureWorkshop.certificate(
            "Mute", key: shop.key, issuer: nil, isAuthority: true, keyUsage: [.certificateSigning])
        let signed = try list(.init(certificate: certificate, key: shop.key))
        #expect(throws: CertificateFault.noAcceptedAuthority) {
            try TrustStore.check(signed, authorities: [certificate])
        }
        #expect(throws: CertificateFault.noAcceptedAuthority) {
            try shop.trust(authorities: [certificate], lists: [signed])
        }
    }

    @Test func `a list of an intermediate met in a path is used, and never a forged one`() throws {
        let shop = try SignatureWorkshop()
        let middle = try SignatureWorkshop.authority("Middle", above: shop.root)
        let leaf = try SignatureWorkshop.certificate("An", key: shop.key, issuer: middle)
        let revoking = try shop.trust(lists: [try list(middle, revoking: [leaf])])
        #expect(fault(revoking, leaf, [middle.certificate]) == .certificate(.revoked(at: now - 3 * day)))
        let forged = try shop.trust(lists: [try list(try SignatureWorkshop.authority("Middle"))])
        guard case .revocationUnknown = fault(forged, leaf, [middle.certificate]) else {
            Issue.record("a forged list was passed over")
            return
        }
    }

    @Test func `verdicts become outcomes of the decision`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        let revoking = try shop.trust(lists: [try list(shop.root, revoking: [shop.leaf])])
        expectRefusal(try shop.verify(trust: revoking), .signatureInvalid, "revoked at 2025-06-12")
        let stale = try shop.trust(lists: [try list(shop.root, until: -0.5)])
        expectDeferral(try shop.verify(trust: stale), .revocationUnknown)
        expectRefusal(try shop.verify(at: now + 101 * day), .signatureInvalid, "expired")
        expectRefusal(try shop.verify(at: now - 101 * day), .signatureInvalid, "valid from")
        expectRefusal(
            try shop.verify(trust: try shop.trust(authorities: [])), .signatureInvalid, "accepted authority")
        #expect(ChainFault.certificate(.isAnAuthority).certificateFault == .isAnAuthority)
    }

    @Test(arguments: [
        "issuingDistributionPoint=critical,@part\n[part]\nonlysomereasons=keyCompromise",
        "issuingDistributionPoint=critical,@part\n[part]\nindirectCRL=TRUE",
        "issuingDistributionPoint=critical,@part\n[part]\nonlyAA=TRUE",
        "deltaCRL=critical,ASN1:INTEGER:1", "1.2.3.4=critical,ASN1:NULL",
    ])
    func `a list that does not stand alone is refused`(extensions: String) throws {
        let file = try openSSLList(extensions)
        #expect(throws: CertificateFault.self) { try RevocationListFacts.read(file.list) }
    }

    @Test(arguments: [
        ("onlyuser=TRUE", true), ("onlyCA=TRUE", false), ("fullname=URI:http://crl.example/other.crl", false),
    ])
    func `a list speaks of what lies in its scope`(scope: String, isChecked: Bool) throws {
        let file = try openSSLList("issuingDistributionPoint=critical,@part\n[part]\n\(scope)")
        let trust = try file.shop.trust(lists: [try RevocationListFacts.read(file.list)])
        let list = try DecodedRevocationList(der: try RevocationListFacts.read(file.list).der)
        let evidence = try trust.judge(file.shop.leaf, intermediates: [], at: max(now, list.thisUpdate))
        #expect(evidence.revocation.map(\.isChecked) == [isChecked])
    }

    /// An authority made by `openssl` below the root, dated now; the root is long-lived for it.
    private func openSSLAuthority(
        _ name: String, above shop: SignatureWorkshop, _ extensions: String
    ) throws -> CertificateMint.Issuer {
        let key = try CertificateMint.key(.p256)
        try shop.write("own.pem", key.pem())
        try shop.write("rootkey.pem", shop.root.key.pem())
        try shop.write("extensions.cnf", Array("subjectKeyIdentifier=hash\n\(extensions)\n".utf8))
        for arguments in [
            "req -new -key own.pem -subj /CN=\(name) -out request.pem",
            "x509 -req -in request.pem -CA root.pem -CAkey rootkey.pem -CAcreateserial -out made.pem "
                + "-extfile extensions.cnf",
        ] {
            let result = try shop.openssl(arguments)
            try #require(result.code == 0, "\(result.words)")
        }
        return .init(certificate: try CertificateFacts.read(shop.read("made.pem")), key: key)
    }

    /// A list made by `openssl ca`, dated now; the authority is long-lived for it.
    private func openSSLList(_ extensions: String) throws -> (shop: SignatureWorkshop, list: [UInt8]) {
        let shop = try SignatureWorkshop(isLasting: true)
        try shop.write("index.txt", [])
        try shop.write("rootkey.pem", shop.root.key.pem())
        let text = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\n[x]\n\(extensions)\n"
        try shop.write("ca.cnf", Array(text.utf8))
        let result = try shop.openssl(
            "ca -gencrl -config ca.cnf -cert root.pem -keyfile rootkey.pem -crldays 9 -crlexts x -out list.pem"
        )
        try #require(result.code == 0, "\(result.words)")
        return (shop, try shop.read("list.pem"))
    }
}
