import Exchange
import Foundation
import Testing
import Validation

@Suite struct DocumentCodeTests {
    private let bench: DocumentBench
    private let valid = DimonaSample.document(DimonaSample.form() + DimonaSample.form())

    init() throws { bench = try DocumentBench() }

    @Test func `a good document gives evidence of its bytes`() throws {
        let evidence = try bench.check(valid)
        #expect(evidence.root == "Dimona")
        #expect(evidence.schema == "Dimona_20231.xsd")
        #expect(evidence.encoding == "UTF-8")
        #expect(evidence.forms == ["DIMONA": 2])
        #expect(evidence.size == Int64(valid.utf8.count))
    }

    @Test func `the digest is the SHA-256 of the bytes`() throws {
        let evidence = try bench.check("<a/>", as: .anything)
        #expect(
            evidence.digest.description == "29114363f749a0226b6988dda3ca2492a954117ab6b5f382706c20300dabc079")
        #expect(try bench.check("<a/>\n", as: .anything).digest != evidence.digest)
    }

    @Test(arguments: [
        "", #"noNamespaceSchemaLocation="Dimona_20231.xsd""#, #"xsi:noNamespaceSchemaLocation="""#,
        #"xsi:noNamespaceSchemaLocation=" / ""#,
    ])
    func `136 when no schema is named`(attributes: String) throws {
        let document = DimonaSample.document(attributes: "\(DimonaSample.instance) \(attributes)")
        #expect(try bench.codes(document) == [136])
    }

    @Test func `137 when another schema standard is named`() throws {
        let other = #"xsi:schemaLocation="urn:x Dimona_20231.xsd""#
        #expect(
            try bench.codes(DimonaSample.document(attributes: "\(DimonaSample.instance) \(other)")) == [137])
        #expect(try bench.codes(valid.replacingOccurrences(of: "_20231.xsd", with: ".dtd")) == [137])
    }

    @Test func `088 when the schema is not in the catalogue`() throws {
        #expect(try bench.codes(valid.replacingOccurrences(of: "20231", with: "20991")) == [88])
        #expect(
            try bench.codes(valid.replacingOccurrences(of: "Dimona_20231", with: "../../etc/Dimona_1")) == [
                88
            ])
    }

    @Test(arguments: ["https://example.org/docu_xml/dimona/", "schemas\\", "./", "../x/"])
    func `only the last component of the schema reference counts`(prefix: String) throws {
        let document = valid.replacingOccurrences(of: "\"Dimona_20231", with: "\"\(prefix)Dimona_20231")
        #expect(try bench.check(document).schema == "Dimona_20231.xsd")
    }

    @Test func `089 and 135 when the root is not the purpose's`() throws {
        #expect(try bench.codes(DimonaSample.document(root: "Foo")) == [89, 135])
        let receipt = DocumentExamples.receipt
        #expect(try bench.codes(receipt) == [89, 158])
    }

    @Test func `135 when form type and schema disagree`() throws {
        #expect(try bench.codes(valid.replacingOccurrences(of: "Dimona_20231", with: "ACRF_20231")) == [135])
    }

    @Test func `139 when the root is in a namespace`() throws {
        let attributes = "\(DimonaSample.instance) \(DimonaSample.location) xmlns=\"urn:x\""
        #expect(try bench.codes(DimonaSample.document(attributes: attributes)) == [139])
        let prefixed =
            "<x:Dimona xmlns:x='urn:x' \(DimonaSample.instance) \(DimonaSample.location)><Form/></x:Dimona>"
        #expect(try bench.codes(prefixed) == [139])
    }

    @Test func `158 when a form is not of the purpose in the name, at its place`() throws {
        let findings = try bench.findings(
            DimonaSample.document(DimonaSample.form() + DimonaSample.form("DMFA")))
        #expect(findings.map(\.code) == [.formDiffersFromName])
        #expect(findings.first?.place?.path == "/Dimona/Form[2]/Identification")
        #expect(findings.first?.place?.line == 12)
        #expect(findings.first?.file?.description == "FI.DIMN.006400.20230420.00001.R.1.1")
    }

    @Test func `157 when there is no form`() throws {
        #expect(try bench.codes(DimonaSample.document("")) == [157])
    }

    @Test func `205 for each block that is no form`() throws {
        let findings = try bench.findings(
            DimonaSample.document(DimonaSample.form() + "<Block/><Block><Form/></Block>"))
        #expect(findings.map(\.code) == [.notAForm, .notAForm])
        #expect(findings.last?.place?.path == "/Dimona/Block[2]")
    }

    @Test func `172 and 246 when there are more forms than the purpose takes`() throws {
        let forms = DimonaSample.form() + DimonaSample.form() + DimonaSample.form()
        let two = PurposeRule.rule("DIMN", ["Dimona"], ["DIMONA"], limit: 2)
        let one = PurposeRule.rule("DIMN", ["Dimona"], ["DIMONA"], limit: 1)
        #expect(try bench.codes(DimonaSample.document(forms), as: two) == [172])
        #expect(try bench.codes(DimonaSample.document(forms), as: one) == [246])
        #expect(try bench.codes(valid, as: two).isEmpty)
        #expect(try bench.codes(DimonaSample.document(), as: one).isEmpty)
    }

    @Test func `codes of head and forms are told together`() throws {
        let document = DimonaSample.document("<Block/>" + DimonaSample.form("DMFA"))
            .replacingOccurrences(of: "20231", with: "20991")
        #expect(try bench.codes(document) == [88, 205, 158])
    }

    @Test func `a document without forms is taken where the purpose asks for no root`() throws {
        let evidence = try bench.check("<EcaroRequest><EcaroRequestData/></EcaroRequest>", as: .anything)
        #expect(evidence.root == "EcaroRequest")
        #expect(evidence.schema == nil)
        #expect(evidence.forms.isEmpty)
        let rooted = PurposeRule.rule("ECRQ", ["Dimona"], [])
        #expect(try !bench.codes(DimonaSample.document("<Block/>"), as: rooted).contains(205))
    }

    @Test func `whatever stands in an identification, it is told short and on one line`() throws {
        let ends = [String(repeating: "\u{7F}", count: 16), String(repeating: "\u{600}", count: 24)]
        let words = ["A\nB", "\u{7F}\u{80}", ends.joined(), String(repeating: "\u{10FFFD}", count: 16)]
        let document = words.map { "<Form><Identification>\($0)</Identification></Form>" }.joined()
        let evidence = try bench.check("<Any>\(document)</Any>", as: .anything)
        let long = String(repeating: "\\u{7f}", count: 16) + String(repeating: "\\u{600}", count: 9) + "…"
        let longest = String(repeating: "\\u{10fffd}", count: 16)
        #expect(evidence.forms == ["A\\u{a}B": 1, "\\u{7f}\\u{80}": 1, long: 1, longest: 1])
    }

    @Test func `a document that names a known schema is checked against it though the purpose asks for none`()
        throws
    {
        #expect(try bench.check(valid, as: .anything).schema == "Dimona_20231.xsd")
        #expect(try bench.codes(DimonaSample.document(DimonaSample.form("X")), as: .anything) == [312])
    }

    @Test func `102 when it is not well-formed, and nothing of the schema beside it`() throws {
        let findings = try bench.findings(
            DimonaSample.document(DimonaSample.form(date: "never") + "<Form></Frm>"))
        #expect(findings.map(\.code) == [.notWellFormed])
        #expect(findings.first?.place?.line == 11)
    }

    @Test func `a missing file is ours, not the sender's`() throws {
        #expect {
            _ = try bench.check(fileAt: bench.scratch.path + "/none")
        } throws: { error in
            guard case StageFailure.deferred(let deferral) = error else { return false }
            return deferral.reason == .diskFault
        }
    }

    @Test func `evidence survives the border of a process`() throws {
        let evidence = try bench.check(valid)
        let copy = try JSONDecoder().decode(CheckedDocument.self, from: try JSONEncoder().encode(evidence))
        #expect(copy == evidence)
    }
}
