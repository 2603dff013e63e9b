import Exchange
import Foundation
import TestServers
import Testing

@testable import Validation

@Suite struct SignatureMutationTests {
    @Test(arguments: [("", false), ("-noattr -nocerts", false), ("", true), ("-keyid", false)])
    func `a flipped bit of the signature never gives evidence for another payload`(
        options: String, isIndefinite: Bool
    ) throws {
        let shop = try SignatureWorkshop()
        try shop.sign(options)
        if isIndefinite { try shop.makeIndefinite() }
        let (good, trust) = (try shop.read("signature"), try shop.trust())
        let evidence = try shop.verdict(trust, [shop.leaf]).get()
        var random = SeededGenerator(seed: 7)
        var accepted = 0
        for _ in 0..<800 {
            var mutant = good
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let place = Int.random(in: 0..<mutant.count, using: &random)
                mutant[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            try shop.write("signature", mutant)
            guard case .success(let other) = try shop.verdict(trust, [shop.leaf]) else { continue }
            // Only bytes the signature does not cover may differ: versions, parameters, certificates not
            // needed.
            #expect(
                other.certificate == evidence.certificate && other.payloadDigest == evidence.payloadDigest)
            let message = try SignedMessage(file: mutant, policy: .init())
            #expect(
                message.attributes?.encoded
                    == (try SignedMessage(file: good, policy: .init())).attributes?.encoded)
            accepted += 1
        }
        #expect(accepted < 800)
    }

    @Test func `a flipped bit inside the signer of a bare message is always refused`() throws {
        let shop = try SignatureWorkshop(.rsa(bits: 2048))
        try shop.sign("-nocerts")
        let (good, trust) = (try shop.read("signature"), try shop.trust())
        let value = try SignedMessage(file: good, policy: .init()).value
        var random = SeededGenerator(seed: 11)
        for _ in 0..<800 {
            var mutant = good
            let place = good.count - 1 - Int.random(in: 0..<value.count, using: &random)
            mutant[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try shop.write("signature", mutant)
            expectRefusal(try shop.verdict(trust, [shop.leaf]), .signatureInvalid, "signature")
        }
    }

    @Test(arguments: ["", "-noattr"])
    func `a flipped bit of the payload is always refused`(options: String) throws {
        let shop = try SignatureWorkshop()
        try shop.sign(options)
        let trust = try shop.trust()
        var random = SeededGenerator(seed: 13)
        for _ in 0..<800 {
            var payload = SignatureWorkshop.payload
            let place = Int.random(in: 0..<payload.count, using: &random)
            payload[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try shop.write("payload", payload)
            expectRefusal(try shop.verdict(trust, [shop.leaf]), .signatureInvalid, "does not belong")
        }
    }

    @Test func `cut and random files are refused without a crash`() throws {
        let shop = try SignatureWorkshop()
        try shop.sign()
        try shop.makeIndefinite()
        let good = try shop.read("signature")
        for count in 0..<good.count {
            #expect(throws: SignatureFault.self) {
                try SignedMessage(file: Array(good.prefix(count)), policy: .init())
            }
        }
        var random = SeededGenerator(seed: 17)
        for _ in 0..<3000 {
            let count = Int.random(in: 0...200, using: &random)
            let file = [0x30] + (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(throws: SignatureFault.self) { try SignedMessage(file: file, policy: .init()) }
        }
    }

    @Test func `garbage among certificates and lists is refused without a crash`() throws {
        let shop = try SignatureWorkshop()
        let list = try CertificateMint.revocationList(
            .init(
                revoked: [([1], SignatureWorkshop.now)], number: 1, thisUpdate: SignatureWorkshop.now,
                nextUpdate: nil),
            issuer: shop.root)
        var random = SeededGenerator(seed: 19)
        for _ in 0..<800 {
            for good in [shop.leaf.der, list.der] {
                var mutant = good
                let place = Int.random(in: 0..<mutant.count, using: &random)
                mutant[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                if let facts = try? CertificateFacts.read(mutant) {
                    #expect(throws: ChainFault.self) {
                        try shop.trust().judge(facts, intermediates: [], at: SignatureWorkshop.now)
                    }
                }
                if let facts = try? RevocationListFacts.read(mutant), facts.issuer == list.issuer {
                    #expect(throws: CertificateFault.noAcceptedAuthority) { try shop.trust(lists: [facts]) }
                }
            }
        }
    }
}
