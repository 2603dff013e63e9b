import Exchange
import Foundation
import Testing

@testable import Validation

/// What a sender is told of a document that breaks its schema (312): place and sentence.
@Suite struct SchemaFindingTests {
    private let bench: DocumentBench

    init() throws { bench = try DocumentBench() }

    private func findings(_ content: String) throws -> [Finding] {
        try bench.findings(DimonaSample.document(DimonaSample.form() + DimonaSample.form("DIMONA", content)))
    }

    @Test func `a value is told with line, column, path and rule`() throws {
        let findings = try findings(
            "<DimonaIn><StartingDate>2023-05-01</StartingDate><StartingHour>0960</StartingHour>"
                + "<NaturalPerson/></DimonaIn>"
        )
        #expect(findings.map(\.code) == [.invalidAgainstSchema])
        let finding = try #require(findings.first)
        #expect(
            finding.place
                == Finding.Place(line: 17, column: 87, path: "/Dimona/Form[2]/DimonaIn/StartingHour"))
        #expect(finding.detail.contains("'0960'"))
        #expect(finding.detail.contains("is not accepted by the pattern"))
        #expect(!finding.detail.contains("Element '"))
        #expect(!finding.detail.contains("[facet"))
    }

    @Test func `an element out of order is told by name, with what was expected`() throws {
        let findings = try findings("<DimonaIn><NaturalPerson/></DimonaIn>")
        #expect(
            findings.map(\.detail) == [
                "The element NaturalPerson is not expected. Expected is (StartingDate)."
            ])
        #expect(findings.first?.place?.path == "/Dimona/Form[2]/DimonaIn/NaturalPerson")
    }

    @Test func `an element that lacks a child is told at its end`() throws {
        let findings = try findings("<DimonaCancel>\n</DimonaCancel>")
        #expect(
            findings.map(\.detail) == [
                "The element DimonaCancel is not complete. Expected is (DimonaPeriodId)."
            ])
        #expect(findings.first?.place?.path == "/Dimona/Form[2]/DimonaCancel")
        #expect(findings.first?.place?.line == 18)
    }

    @Test func `an unknown attribute is told`() throws {
        let findings = try findings("<DimonaCancel x='1'><DimonaPeriodId>1</DimonaPeriodId></DimonaCancel>")
        #expect(findings.map(\.detail) == ["The attribute 'x' is not allowed."])
    }

    @Test func `one fault of a value is one finding`() throws {
        let findings = try findings(
            "<DimonaCancel><DimonaPeriodId>1234567890123</DimonaPeriodId></DimonaCancel>")
        #expect(findings.count == 1)
    }

    @Test(arguments: [41, 500, 60_000])
    func `a long value is not echoed`(count: Int) throws {
        let value = String(repeating: "'Zq ", count: count / 4 + 1).prefix(count)
        for content in [
            "<DimonaCancel><DimonaPeriodId>\(value)</DimonaPeriodId></DimonaCancel>",
            "<DimonaIn><StartingDate>2023-05-01</StartingDate><NaturalPerson>"
                + "<WorkerBirthdate>\(value)</WorkerBirthdate>"
                + "</NaturalPerson></DimonaIn>",
            "<DimonaIn><StartingDate>2023-05-01</StartingDate><NaturalPerson/><DimonaFeatures>"
                + "<WorkerType>\(value)"
                + "</WorkerType></DimonaFeatures></DimonaIn>",
            "<DimonaCancel xsi:type='\(String(repeating: "Zq", count: count / 2))'/>",
            "<DimonaCancel xsi:nil='\(String(repeating: "Zq", count: count / 2))'/>",
            "<\(String(repeating: "Zq", count: min(count, 250) / 2))/>",
        ] {
            let findings = try findings(content)
            #expect(!findings.isEmpty)
            for finding in findings {
                #expect(finding.detail.count <= 500)
                #expect(finding.detail.ranges(of: "Zq").count <= 64)
                if !content.contains("xsi:"), !content.hasPrefix("<Zq") {
                    #expect(!finding.detail.contains("Zq"))
                }
            }
        }
    }

    @Test func `control characters are escaped`() throws {
        let findings = try findings(
            "<DimonaCancel><DimonaPeriodId>a&#9;\u{85}\u{202E}b</DimonaPeriodId></DimonaCancel>")
        let detail = try #require(findings.first?.detail)
        #expect(detail.contains(#"\u{85}\u{202e}b"#))
        #expect(
            detail.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x85 && $0.value != 0x202E })
    }

    @Test func `text where none may be is told`() throws {
        let findings = try findings("hello" + DimonaSample.cancel)
        #expect(findings.map(\.code) == [.invalidAgainstSchema])
        #expect(findings.first?.place?.path == "/Dimona/Form[2]")
    }

    @Test func `lines beyond 65,535 are right`() throws {
        let path = try bench.scratch.write(to: "lines") { file in
            try file.write(
                contentsOf: Data("<Dimona \(DimonaSample.instance) \(DimonaSample.location)>\n".utf8))
            let form = Data(DimonaSample.form().utf8)
            for _ in 0..<10_000 { try file.write(contentsOf: form) }
            try file.write(contentsOf: Data(DimonaSample.form(date: "2023-02-30").utf8))
            try file.write(contentsOf: Data("</Dimona>".utf8))
        }
        let place = try #require(try bench.findings(fileAt: path).first?.place)
        let linesOfForm = DimonaSample.form().filter { $0 == "\n" }.count
        #expect(place.line == 1 + 10_000 * linesOfForm + 3)
        #expect(place.path == "/Dimona/Form[10001]/FormCreationDate")
        let broken = try bench.scratch.write(to: "broken") { file in
            try file.write(
                contentsOf: Data(contentsOf: URL(fileURLWithPath: path)).dropLast(9) + Data("<a></b>".utf8))
        }
        #expect(
            try bench.findings(fileAt: broken, as: .anything).first?.place?.line == 2 + 10_001 * linesOfForm)
    }

    @Test func `a path leaves out numbers it does not know`() {
        var path = ElementPath()
        #expect(path.description == "/")
        let names = (0..<200).map { strdup("n\($0)") }
        defer { names.forEach { free($0) } }
        let pointers = names.map { UnsafeRawPointer($0)?.assumingMemoryBound(to: UInt8.self) }
        path.enter(pointers[0])
        for pointer in pointers + [pointers[1], pointers[199]] {
            path.enter(pointer)
            path.leave()
        }
        #expect(path.description == "/n0/n199")
        path.enter(pointers[1])
        #expect(path.description == "/n0/n1[3]")
        path.leave()
        #expect(path.description == "/n0/n1[3]", "what ended stays until the next event")
        path.settle()
        #expect(path.description == "/n0")
    }
}
