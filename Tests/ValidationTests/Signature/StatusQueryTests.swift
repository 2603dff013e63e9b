import Exchange
import Foundation
import Testing

@testable import Validation

/// Answers are made by `openssl ocsp`, at the machine's time.
@Suite struct StatusQueryTests {
    private let day: TimeInterval = 86_400

    /// A root with its key in files, and the responder's index: `leaf` good, `other` revoked, anything else unknown.
    private func workshop() throws -> (shop: SignatureWorkshop, other: CertificateFacts) {
        let shop = try SignatureWorkshop(isLasting: true)
        try shop.write("root.key", shop.root.key.pem())
        let other = try SignatureWorkshop.certificate(
            "An", key: shop.key, issuer: shop.root, until: 30_000)
        let index = """
            V\t300101000000Z\t\t\(shop.leaf.serialHexadecimal)\tunknown\t/CN=Jan
            R\t300101000000Z\t250601120000Z\t\(other.serialHexadecimal)\tunknown\t/CN=An

            """
        try shop.write("index", Array(index.utf8))
        return (shop, other)
    }

    /// What a responder with `options` answers to a request.
    private func answer(
        to request: [UInt8], in shop: SignatureWorkshop,
        _ options: String = "-rsigner root.pem -rkey root.key"
    ) throws -> [UInt8] {
        try shop.write("request", request)
        let result = try shop.openssl(
            "ocsp -index index -CA root.pem \(options) -reqin request -respout answer")
        try #require(result.code == 0, "\(result.words)")
        return try shop.read("answer")
    }

    private func read(
        _ answer: [UInt8], to query: StatusQuery, ageLimit: TimeInterval = 86_400, at time: Date = Date()
    ) -> Result<CertificateStatus, StatusFault> {
        Result { () throws(StatusFault) in try query.read(answer, ageLimit: ageLimit, at: time) }
    }

    private func expectFault(
        _ words: String, _ result: Result<CertificateStatus, StatusFault>,
        _ location: SourceLocation = #_sourceLocation
    ) {
        guard case .failure(let fault) = result else {
            Issue.record("taken: \(result)", sourceLocation: location)
            return
        }
        #expect(fault.sentence.contains(words), "\(fault.sentence)", sourceLocation: location)
    }

    private func query(_ certificate: CertificateFacts, _ shop: SignatureWorkshop) throws -> StatusQuery {
        try StatusQuery(serial: certificate.serialHexadecimal, issuer: shop.root.certificate)
    }

    /// A certificate for the responder, issued by `issuer` with the extended key usage given.
    private func delegate(_ usage: String?, in shop: SignatureWorkshop) throws -> String {
        let extra = usage.map { " -addext extendedKeyUsage=\($0)" } ?? ""
        let result = try shop.openssl(
            "req -x509 -CA root.pem -CAkey root.key -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                + "-keyout delegate.key -out delegate.pem -subj /CN=Delegate -days 1\(extra)")
        try #require(result.code == 0, "\(result.words)")
        return "-rsigner delegate.pem -rkey delegate.key"
    }

    @Test func `a responder says good, revoked or that it does not know`() throws {
        let (shop, other) = try workshop()
        let good = try query(shop.leaf, shop)
        let status = try read(answer(to: good.der, in: shop), to: good).get()
        #expect(status.revokedAt == nil && status.nextUpdate == nil)
        #expect(abs(status.thisUpdate.timeIntervalSinceNow) < StatusWindow.skew)
        let revoked = try query(other, shop)
        #expect(
            try read(
                answer(to: revoked.der, in: shop, "-nmin 60 -rsigner root.pem -rkey root.key"), to: revoked
            )
            .get().revokedAt == Date("2025-06-01T12:00:00Z", strategy: .iso8601))
        let stranger = try StatusQuery(serial: "0123456789ABCDEF", issuer: shop.root.certificate)
        guard case .failure(let fault) = try read(answer(to: stranger.der, in: shop), to: stranger) else {
            Issue.record("an unknown certificate is good or revoked")
            return
        }
        #expect(fault.isUnknownCertificate)
    }

    @Test func `a delegate answers when the authority certified it for that, and nobody else does`() throws {
        let (shop, _) = try workshop()
        let query = try query(shop.leaf, shop)
        let delegated = try answer(to: query.der, in: shop, delegate("OCSPSigning", in: shop))
        #expect(throws: Never.self) { try read(delegated, to: query).get() }
        for usage in [nil, "emailProtection", "anyExtendedKeyUsage"] {
            let answer = try answer(to: query.der, in: shop, delegate(usage, in: shop))
            expectFault("not signed by the authority", read(answer, to: query))
        }
        // A namesake of the root that nobody accepts, and a certificate it gave to a responder.
        let namesake = try SignatureWorkshop.authority("Test Root", until: 30_000)
        try shop.write("false.pem", CertificateMint.pem(namesake.certificate))
        try shop.write("false.key", namesake.key.pem())
        let forged = try answer(to: query.der, in: shop, "-rsigner false.pem -rkey false.key")
        expectFault("not signed by the authority", read(forged, to: query))
        let leafSigned = try answer(to: query.der, in: shop, "-rsigner leaf.pem -rkey key.pem")
        expectFault("not signed by the authority", read(leafSigned, to: query))
    }

    @Test func `an answer signed with SHA-1 is none`() throws {
        let (shop, _) = try workshop()
        let query = try query(shop.leaf, shop)
        let weak = try answer(to: query.der, in: shop, "-rmd sha1 -rsigner root.pem -rkey root.key")
        expectFault("not signed by the authority", read(weak, to: query))
    }

    @Test func `an answer about another certificate is none`() throws {
        let (shop, other) = try workshop()
        // Without nonces, so that nothing but the certificate is wrong.
        try shop.openssl(
            "ocsp -no_nonce -issuer root.pem -serial 0x\(shop.leaf.serialHexadecimal) -reqout bare")
        let about = try answer(to: shop.read("bare"), in: shop)
        expectFault("about another certificate", read(about, to: try query(other, shop)))
        #expect(throws: Never.self) { try read(about, to: query(shop.leaf, shop)).get() }
    }

    @Test func `an answer to an earlier question is none`() throws {
        let (shop, _) = try workshop()
        let (first, second) = (try query(shop.leaf, shop), try query(shop.leaf, shop))
        #expect(first.der != second.der)
        let earlier = try answer(to: first.der, in: shop)
        expectFault("another question", read(earlier, to: second))
    }

    @Test func `an answer counts in its time only`() throws {
        let (shop, _) = try workshop()
        let query = try query(shop.leaf, shop)
        let now = Date()
        let open = try answer(to: query.der, in: shop)
        // The signer's own dates are judged at that time too.
        #expect(throws: Never.self) { try read(open, to: query, at: now + day - 60).get() }
        expectFault("too old", read(open, to: query, at: now + day + 120))
        expectFault("too old", read(open, to: query, ageLimit: 60, at: now + 400))
        #expect(throws: Never.self) { try read(open, to: query, at: now - 240).get() }
        expectFault("begins at", read(open, to: query, at: now - 3600))
        let short = try answer(to: query.der, in: shop, "-nmin 5 -rsigner root.pem -rkey root.key")
        #expect(throws: Never.self) { try read(short, to: query, at: now + 240).get() }
        expectFault("ended at", read(short, to: query, at: now + 3600))
    }

    @Test func `refusals to answer, cut and changed answers are no status`() throws {
        let (shop, _) = try workshop()
        let query = try query(shop.leaf, shop)
        // responseStatus tryLater.
        expectFault("trylater", read([0x30, 0x03, 0x0A, 0x01, 0x03], to: query))
        expectFault("is none", read([], to: query))
        expectFault("is none", read(Array("<html>".utf8), to: query))
        let whole = try answer(to: query.der, in: shop)
        expectFault("is none", read(whole + [0], to: query))
        for length in stride(from: 0, to: whole.count, by: 7) {
            expectFault("is none", read(Array(whole[..<length]), to: query))
        }
        for index in stride(from: 0, to: whole.count, by: 5) {
            var changed = whole
            changed[index] ^= 0x10
            // Names of algorithms have two encodings, and certificates beside the signature are not signed.
            guard case .success(let status) = read(changed, to: query) else { continue }
            #expect(status.revokedAt == nil)
        }
    }
}
