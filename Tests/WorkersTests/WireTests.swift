import Exchange
import Foundation
import Testing
import Validation

@testable import Workers

/// Orders and words as bytes. To the daemon those of a word are a stranger's.
@Suite struct WireTests {
    private func same<Value: Wired>(_ value: Value) throws -> Value {
        try WireReader.value(in: WireWriter.bytes(of: value))
    }

    /// Every field of every struct in it, and every element; of bytes not where they lie.
    private func text(_ value: some Any) -> [Substring] {
        var text = ""
        dump(value, to: &text)
        return text.split(separator: "\n").filter { !$0.contains("pointer") }
    }

    private static func digest(_ byte: UInt8) throws -> Digest {
        try #require(Digest(Array(repeating: byte, count: 32)))
    }

    private static func text(_ length: Int) -> String { String(repeating: "a", count: length) }

    private static func name() throws -> FileName { try #require(FileName([0xFF, 0x41])) }

    private static func orders() throws -> [WorkerOrder] {
        var policy = SignaturePolicy()
        policy.allowsSHA1 = true
        policy.signatureFileLimit = 17
        var limits = DocumentLimits()
        for (number, field) in DocumentLimits.fields.enumerated() { limits[keyPath: field] = -number }
        let time = Date(timeIntervalSinceReferenceDate: 0.1)
        let rule = PurposeRule(
            purpose: try #require(Purpose("DIMN")), roots: ["a", "é"], forms: [], formLimit: .max)
        let status = CertificateStatus(
            revokedAt: nil, thisUpdate: time, nextUpdate: time + 1, fetchedAt: time + 2)
        return [
            .confine(Confinement(WorkerSettings())), .schemas(["a.xsd": Data("<a/>".utf8)]),
            .trust(try Bench().ground.trust.material),
            .verify(
                VerifyOrder(
                    payload: try name(), signature: try name(), registered: [Data(), Data([0, 1])],
                    time: time,
                    policy: policy)),
            .check(CheckOrder(document: try name(), rule: rule, limits: limits)), .status(status),
            .status(nil), .noStatus(Deferral(.revocationUnknown, "a\u{0}b", pause: .milliseconds(3))),
        ]
    }

    private static func words() throws -> [WorkerWord] {
        let time = Date(timeIntervalSinceReferenceDate: -0.1)
        let evidence = [
            RevocationEvidence(certificate: try digest(4), issuer: "CN=é"),
            RevocationEvidence(
                certificate: try digest(5), issuer: "", number: "1", thisUpdate: time, nextUpdate: time + 1,
                ageSeconds: -5, source: .responder),
        ]
        let signature = VerifiedSignature(
            uncheckedPayloadDigest: try digest(1), signatureDigest: try digest(2), certificate: try digest(3),
            subject: "subject", issuer: "issuer", serialHexadecimal: "0A", algorithm: "RSA", form: .crlf,
            chain: ChainEvidence(chain: [try digest(3), try digest(4)], revocation: evidence),
            verifiedAt: time, signingTime: time + 3)
        let document = CheckedDocument(
            digest: try digest(1), size: 1 << 40, root: "root", schema: nil, encoding: "UTF-8",
            forms: ["FORM": 2])
        let finding = Finding(
            .notWellFormed, file: try name(), place: .init(line: 1, column: 2, path: "/a"), detail: "So.")
        return [
            .confined(Confinement.Report(user: 65_534, unfiltered: "no kernel")), .told,
            .question(StatusQuestion(certificate: try digest(1), serial: "01", authority: try digest(2))),
            .verified(signature), .checked(document), .refused([finding, finding]), .refused([]),
            .deferred(Deferral(.diskFault, "sentence")),
        ]
    }

    @Test func `what is said is what is heard`() throws {
        for order in try WireTests.orders() {
            let (heard, said) = (try text(same(order)), text(order))
            #expect(heard == said, "\(zip(heard, said).filter(!=))")
        }
        for word in try WireTests.words() { #expect(try text(same(word)) == text(word)) }
        // Dictionaries come in any order.
        let forms = ["FORM": 2, "": 0, "DIMN": .min]
        #expect(try same(forms) == forms)
    }

    @Test func `no field is left behind`() throws {
        #expect(Mirror(reflecting: DocumentLimits()).children.count == DocumentLimits.fields.count)
        let counts = [
            "SignaturePolicy": 2, "PurposeRule": 4, "VerifyOrder": 5, "CheckOrder": 3, "ChainEvidence": 2,
            "VerifiedSignature": 11, "RevocationEvidence": 7, "CheckedDocument": 6, "Finding": 4, "Place": 3,
        ]
        var seen: [String: Int] = [:]
        func look(at value: Any) {
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle == .struct { seen["\(type(of: value))"] = mirror.children.count }
            for child in mirror.children { look(at: child.value) }
        }
        for order in try WireTests.orders() { look(at: order) }
        for word in try WireTests.words() { look(at: word) }
        for (name, count) in counts {
            #expect(seen[name] == count, "as many fields of \(name) as cross the wire")
        }
    }

    @Test func `nothing may be missing from a word, and nothing may follow it`() throws {
        for word in try WireTests.words() {
            let bytes = WireWriter.bytes(of: word)
            for count in 0..<bytes.count {
                #expect(throws: (any Error).self) {
                    try WireReader.value(WorkerWord.self, in: Array(bytes.prefix(count)))
                }
            }
            #expect(throws: WireFault.self) { try WireReader.value(WorkerWord.self, in: bytes + [0]) }
        }
    }

    @Test func `values that cannot be are no values`() throws {
        func read<Value: Wired>(_ type: Value.Type, _ write: (inout WireWriter) -> Void) throws -> Value {
            var wire = WireWriter()
            write(&wire)
            return try WireReader.value(in: wire.bytes)
        }
        for number in [Double.nan, .infinity, -.infinity] {
            #expect(throws: WireFault.self) {
                try read(Date.self) { $0.write(number: number.bitPattern) }
            }
        }
        #expect(throws: WireFault.self) { try read(Bool.self) { $0.write(2) } }
        #expect(throws: WireFault.self) { try read(String.self) { $0.write(counted: [0xC3]) } }
        #expect(throws: WireFault.self) { try read(Digest.self) { $0.write(Data(count: 31)) } }
        #expect(throws: WireFault.self) { try read(FileName.self) { $0.write(Data("a/b".utf8)) } }
        #expect(throws: WireFault.self) { try read(Purpose.self) { $0.write("DIM") } }
        #expect(throws: WireFault.self) { try read(VerifiedSignature.Form.self) { $0.write("cr") } }
        #expect(throws: WireFault.self) { try read(WorkerWord.self) { $0.write(7) } }
        #expect(throws: WireFault.self) { try read([Int].self) { $0.write(number: .max) } }
        #expect(throws: WireFault.self) { try read(String.self) { $0.write(WireTests.text(4097)) } }
        #expect(throws: WireFault.self) {
            try read([String: Int].self) { $0.write([WireTests.text(257): 1]) }
        }
        #expect(throws: WireFault.self) {
            try read(Deferral.self) { $0.write(Deferral(.diskFault, WireTests.text(65_536))) }
        }
        #expect(throws: WireFault.self) {
            try read(Finding.self) { $0.write(Finding(.notWellFormed, detail: WireTests.text(32_769))) }
        }
        #expect(throws: WireFault.self) {
            try read([String: Int].self) { wire in
                wire.write(2)
                for _ in 0..<2 {
                    wire.write("FORM")
                    wire.write(1)
                }
            }
        }
    }

    @Test func `bytes of a stranger are a word or a fault`() throws {
        var random = SystemRandomNumberGenerator()
        let words = try WireTests.words().map(WireWriter.bytes)
        var outcomes = (words: 0, faults: 0)
        for round in 0..<20_000 {
            var bytes = words[round % words.count]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = Bool.random(using: &random) ? .random(in: 0...255, using: &random) : 0xFF
            }
            do {
                let word = try WireReader.value(WorkerWord.self, in: bytes)
                #expect(try text(same(word)) == text(word))
                outcomes.words += 1
            } catch {
                outcomes.faults += 1
            }
        }
        #expect(outcomes.words > 100 && outcomes.faults > 100)
    }
}
