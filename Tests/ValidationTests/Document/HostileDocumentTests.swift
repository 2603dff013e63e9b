import Exchange
import Foundation
import Testing
import Validation

/// Documents made to hurt the parser. Each must end in a finding, promptly and with little memory.
@Suite struct HostileDocumentTests {
    private let bench: DocumentBench
    private let valid = DimonaSample.document()

    init() throws { bench = try DocumentBench() }

    private func sentence(_ document: String) throws -> String {
        let findings = try bench.findings(document)
        #expect(findings.map(\.code) == [.notWellFormed])
        return findings.last?.detail ?? ""
    }

    @Test(arguments: [
        "<!DOCTYPE Dimona>", "<!DOCTYPE Dimona SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE Dimona PUBLIC \"-//X//Y\" \"http://127.0.0.1:9/x.dtd\">",
        "<!DOCTYPE Dimona [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE Dimona [<!ENTITY % p SYSTEM \"http://127.0.0.1:9/p\"> %p;]>",
    ])
    func `a DOCTYPE is refused, whatever it holds`(doctype: String) throws {
        let document = valid.replacingOccurrences(of: "?>\n", with: "?>\n\(doctype)")
            .replacingOccurrences(of: ">SU<", with: doctype.contains("ENTITY x") ? ">&x;<" : ">SU<")
        #expect(try sentence(document).contains("DOCTYPE"))
    }

    @Test func `an entity bomb of ten levels is refused`() throws {
        let levels = (1...10).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }
            .joined()
        let bomb = "<!DOCTYPE a [<!ENTITY e0 \"ha\">\(levels)]><a>&e10;</a>"
        #expect(try sentence(bomb).contains("DOCTYPE"))
    }

    @Test func `a quadratic blow-up of one entity is refused`() throws {
        let entity = String(repeating: "A", count: 50_000)
        let uses = String(repeating: "&e;", count: 50_000)
        #expect(try sentence("<!DOCTYPE a [<!ENTITY e \"\(entity)\">]><a>\(uses)</a>").contains("DOCTYPE"))
    }

    /// libxml2 tells of the prefix first, which ends the judging, and of the tag's end that is missing afterwards.
    @Test(arguments: ["<ns:Dimona", "<ns:Dimona a='b'", "<Dimona a:b='c'"])
    func `a document that ends in the tag of a root with an undeclared prefix is refused`(document: String)
        throws
    {
        #expect(try !sentence(document).isEmpty)
    }

    @Test func `an entity that nobody declared is not well-formed`() throws {
        #expect(try sentence(valid.replacingOccurrences(of: "SU", with: "&foo;")).contains("foo"))
    }

    @Test func `nesting of 10,000 is refused at the limit`() throws {
        let depth = 10_000
        let document = DimonaSample.document(
            String(repeating: "<Form>", count: depth) + String(repeating: "</Form>", count: depth))
        let findings = try bench.findings(document)
        #expect(findings.map(\.code) == [.notWellFormed])
        #expect(findings.last?.detail == "elements are nested deeper than 64")
    }

    @Test func `namespaces beyond the limit are refused, on one element or on several`() throws {
        let declared = (0..<40).map { " xmlns:n\($0)=\"u\"" }.joined()
        for body in [
            "<Form\(declared)\(declared.replacingOccurrences(of: "n", with: "m"))/>",
            "<Form\(declared)><a\(declared)/></Form>",
        ] {
            let sentence = try sentence(
                DimonaSample.document(body.replacingOccurrences(of: "xmlms", with: "xmlns")))
            #expect(sentence == "more than 64 namespaces are declared around an element")
        }
    }

    @Test func `namespaces on many elements beside each other are no fault`() throws {
        let form = "<Form xmlns:n=\"u\"/>"
        let findings = try bench.findings(DimonaSample.document(String(repeating: form, count: 100)))
        #expect(!findings.map(\.code).contains(.notWellFormed))
    }

    @Test func `a text of 20 MB is refused, with a schema and without`() throws {
        let path = try bench.scratch.write(to: "text") { file in
            let head = valid.components(separatedBy: "SU<")[0]
            try file.write(contentsOf: Data(head.utf8))
            let piece = Data(repeating: 0x78, count: 1 << 20)
            for _ in 0..<20 { try file.write(contentsOf: piece) }
        }
        for rule in [PurposeRule.dimona, .anything] {
            let findings = try bench.findings(fileAt: path, as: rule)
            #expect(findings.map(\.code) == [.notWellFormed])
            #expect(findings.first?.detail == "the text of one element is longer than 65536 bytes")
        }
    }

    @Test(arguments: [
        ("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?x ", "?>"), ("<Form a=\"", "\"/>"), ("<", "/>"),
    ])
    func `a token of 1 MB is refused`(start: String, end: String) throws {
        let token = start + String(repeating: "n", count: 1 << 20) + end
        let sentence = try sentence(DimonaSample.document(token))
        #expect(sentence.hasSuffix("longer than 65536 bytes"))
    }

    @Test func `text cut by comments counts as one text`() throws {
        let pieces = String(repeating: String(repeating: "x", count: 1000) + "<!-- -->", count: 70)
        #expect(try sentence(valid.replacingOccurrences(of: ">SU<", with: ">\(pieces)<")).contains("text"))
    }

    @Test func `10,000 attributes are refused`() throws {
        let attributes = (0..<10_000).map { "a\($0)=\"1\"" }.joined(separator: " ")
        let document = DimonaSample.document("<Form \(attributes)/>")
        #expect(
            try sentence(document).contains("64 attributes") || sentence(document).contains("65536 bytes"))
        let hundred = (0..<100).map { "a\($0)=\"1\"" }.joined(separator: " ")
        #expect(
            try sentence(DimonaSample.document("<Form \(hundred)/>"))
                == "an element has more than 64 attributes")
    }

    @Test func `a name or an attribute value above its limit is refused`() throws {
        let name = String(repeating: "n", count: 257)
        #expect(try sentence(DimonaSample.document("<\(name)/>")) == "a name is longer than 256 bytes")
        #expect(
            try sentence(DimonaSample.document("<Form \(name)='1'/>")) == "a name is longer than 256 bytes")
        var bench = bench
        bench.limits.textBytes = 100
        let findings = try bench.findings(
            DimonaSample.document("<Form a='\(String(repeating: "v", count: 101))'/>"))
        #expect(findings.map(\.detail) == ["an attribute value is longer than 100 bytes"])
    }

    @Test func `a document that ends too soon is refused wherever it is cut`() throws {
        for count in stride(from: 1, to: valid.utf8.count - 2, by: 7) {
            let findings = try bench.findings(Array(valid.utf8.prefix(count)))
            #expect(findings.last?.code == .notWellFormed, "cut at \(count)")
        }
        let cut = try sentence(valid.components(separatedBy: "SU<")[0])
        #expect(cut == "the document ends before the end of the element TypeForm")
    }

    @Test func `a prefix that is not declared is refused at its place, with a schema and without`() throws {
        let document = DimonaSample.document(DimonaSample.form() + "<p:Form/>" + DimonaSample.form())
        for rule in [PurposeRule.dimona, .anything] {
            let findings = try bench.findings(document, as: rule)
            #expect(findings.map(\.code) == [.notWellFormed])
            #expect(findings.first?.place?.path == "/Dimona/Form[2]")
            #expect(findings.first?.place?.line == 11)
        }
    }

    @Test(arguments: ["x", "<Dimona/>", "<!-- --> x", "]]>"])
    func `what follows the root is refused`(tail: String) throws {
        #expect(try sentence(valid + tail).contains("well-formed"))
    }

    @Test(arguments: [
        "", " \n", "<?xml version=\"1.0\"?>", "<!-- only -->", "no XML at all", "<", "\u{FEFF}",
    ])
    func `a file without a document is refused`(document: String) throws {
        #expect(try bench.codes(document) == [102])
    }

    @Test(arguments: [0, 60, 200, 400])
    func `a NUL byte is refused`(at place: Int) throws {
        var bytes = Array(valid.utf8)
        bytes.insert(0, at: place)
        let codes = try bench.findings(bytes).map(\.code)
        // At the very start, with `<` after it, it is what UTF-16 begins with.
        #expect(codes == [place == 0 ? .encodingUnsupported : .notWellFormed])
    }

    @Test(arguments: [[0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98]] as [[UInt8]])
    func `a document that ends inside a character is refused`(end: [UInt8]) throws {
        #expect(try bench.findings(Array(valid.utf8)).isEmpty)
        #expect(try bench.findings(Array(valid.utf8) + end).map(\.code) == [.notWellFormed])
    }

    @Test func `findings stop at their limit`() throws {
        let blocks = DimonaSample.document(String(repeating: "<Block/>", count: 5000))
        #expect(try bench.findings(blocks).count == 100)
        let forms = DimonaSample.document(String(repeating: "<Form/>", count: 5000))
        let findings = try bench.findings(forms)
        #expect(findings.count == 100)
        #expect(findings.allSatisfy { $0.code == .invalidAgainstSchema })
        #expect(try bench.codes(forms.replacingOccurrences(of: "</Dimona>", with: "")) == [102])
    }

    @Test func `XInclude and stylesheets are not followed`() throws {
        let include = "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>"
        #expect(try bench.codes(DimonaSample.document(include + DimonaSample.form())) == [205])
        let sheet = "<?xml-stylesheet href='http://127.0.0.1:9/x'?>"
        #expect(try bench.codes(valid.replacingOccurrences(of: "?>\n", with: "?>\n\(sheet)")).isEmpty)
    }

    @Test func `thousands of damaged documents end in a verdict`() throws {
        var random = DocumentRandom(state: 20_230_420)
        let seeds = [valid, DocumentExamples.dmfa, DocumentExamples.notification].map { Array($0.utf8) }
        let rules = [PurposeRule.dimona, .dmfa, .notification, .anything]
        let path = bench.scratch.path + "/damaged"
        var accepted = 0
        for round in 0..<4000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...4, using: &random) { random.damage(&bytes) }
            try bench.scratch.write(bytes, to: "damaged")
            let findings = try bench.findings(fileAt: path, as: rules[round % rules.count])
            if findings.isEmpty { accepted += 1 }
            #expect(findings.count <= 100)
        }
        #expect(accepted < 2000)
    }
}

/// xorshift64*: the same numbers on every run.
struct DocumentRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// One of: another byte, a missing stretch, a repeated stretch, a piece of markup.
    mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let start = Int.random(in: 0..<bytes.count, using: &self)
        let end = min(bytes.count, start + Int.random(in: 1...60, using: &self))
        let markup = [
            "<", "</Form>", "<!--", "]]>", "<![CDATA[", "&#0;", "&amp;", "<?", "<!DOCTYPE", "\"",
            "xmlns=\"u\"", "\u{FFFF}",
        ]
        switch Int.random(in: 0..<4, using: &self) {
        case 0: bytes[start] = UInt8.random(in: 0...255, using: &self)
        case 1: bytes.removeSubrange(start..<end)
        case 2: bytes.insert(contentsOf: Array(bytes[start..<end]), at: start)
        default:
            bytes.insert(contentsOf: Array(markup.randomElement(using: &self)?.utf8 ?? "".utf8), at: start)
        }
    }
}
