import Exchange
import Foundation
import TestServers
import Testing

@testable import TestExaminers
@testable import Validation

/// Our reader with kept verdicts against `CMS_verify`, over 11,000 mutations. Whatever another test hands to
/// `SignatureWorkshop.verify` is compared, too, and the signatures of the corpus in `TwinExaminer`.
@Suite struct EquivalenceTests {
    private struct Form {
        let kind: CertificateMint.KeyKind
        let options: String
        var depth = 0
    }

    private static let forms = [
        Form(kind: .p256, options: ""), Form(kind: .rsa(bits: 2048), options: "-certfile root.pem"),
        Form(kind: .rsa(bits: 2048), options: "-nocerts -noattr"),
        Form(kind: .p384, options: "-keyid -md sha384"),
        Form(kind: .p256, options: "-cades -nosmimecap"),
        Form(kind: .rsa(bits: 2048), options: "-keyopt rsa_padding_mode:pss"),
        Form(kind: .p256, options: "-certfile root.pem", depth: 6),
        Form(kind: .p256, options: "-noattr -keyid", depth: 5),
    ]

    /// Writes mutants to `name` and compares; the number of each outcome.
    private func campaign(
        _ shop: SignatureWorkshop, _ count: Int, _ name: String, seed: UInt64,
        _ mutant: (inout SeededGenerator) throws -> [UInt8]
    ) throws -> [Agreement: Int] {
        var random = SeededGenerator(seed: seed)
        var outcomes: [Agreement: Int] = [:]
        let trust = try shop.trust()
        for index in 0..<count {
            let bytes = try mutant(&random)
            try shop.write(name, bytes)
            let comparison = try shop.compare(
                trust: trust, registered: [shop.leaf], isFresh: index.isMultiple(of: 8))
            guard let outcome = comparison.outcome else {
                Issue.record(
                    "\(index) of seed \(seed): \(comparison.ours) but \(comparison.reference): \(Data(bytes).base64EncodedString())"
                )
                continue
            }
            outcomes[outcome, default: 0] += 1
        }
        // Nothing is put off here, and being stricter is the exception.
        let stricter = outcomes.reduce(0) { sum, entry in
            if case .stricter = entry.key { sum + entry.value } else { sum }
        }
        #expect(outcomes[.deferred] == nil && stricter < count / 4, "\(outcomes)")
        return outcomes
    }

    @Test(arguments: 0..<8)
    func `mutated signature files are judged as OpenSSL judges them`(index: Int) throws {
        let form = EquivalenceTests.forms[index]
        let shop = try SignatureWorkshop(form.kind)
        try shop.sign()
        let donor = try shop.read("signature")
        try shop.sign(form.options)
        if form.depth > 0 { try shop.makeIndefinite(depth: form.depth) }
        let good = try shop.read("signature")
        let outcomes = try campaign(shop, 1000, "signature", seed: UInt64(index)) { random in
            let mutation = MessageMutation.allCases.randomElement(using: &random) ?? .bits
            return mutation.apply(to: good, donor: donor, &random)
        }
        #expect(outcomes[.bothAccept, default: 0] > 0 && outcomes[.bothRefuse, default: 0] > 300)
    }

    @Test(arguments: ["", "-cades"])
    func `mutated attributes that are signed for are judged as OpenSSL judges them`(options: String) throws {
        let shop = try SignatureWorkshop()
        try shop.sign(options)
        let good = try shop.read("signature")
        let outcomes = try campaign(shop, 1000, "signature", seed: 100) { random in
            try shop.resign(good, isAsWritten: Bool.random(using: &random)) { attributes in
                let mutation: [MessageMutation] = [
                    .swapped, .dropped, .doubled, .tag, .content, .form, .length,
                ]
                guard let kind = mutation.randomElement(using: &random) else { return }
                kind.change(&attributes, attributes, &random)
            }
        }
        #expect(outcomes[.bothAccept, default: 0] > 50 && outcomes[.bothRefuse, default: 0] > 50)
    }

    @Test(arguments: ["", "-noattr"])
    func `mutated payloads are judged as OpenSSL judges them`(options: String) throws {
        let shop = try SignatureWorkshop()
        try shop.sign(options)
        let outcomes = try campaign(shop, 500, "payload", seed: 200) { random in
            var payload = SignatureWorkshop.payload
            let place = Int.random(in: 0..<payload.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: payload[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: payload.insert([0x0A, 0x0D, 0x20].randomElement(using: &random) ?? 0, at: place)
            case 2: payload.remove(at: place)
            case 3: payload.removeLast(payload.count - place)
            case 4: payload = ReferenceText.crlf(payload)
            default: break
            }
            return payload
        }
        #expect(outcomes[.bothAccept, default: 0] > 20 && outcomes[.bothRefuse, default: 0] > 200)
    }
}
