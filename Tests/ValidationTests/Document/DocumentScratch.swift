import Exchange
import Foundation
import TestExaminers
import Testing
import Validation

/// A directory of one test, removed with the value.
final class DocumentScratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "ecluse-document-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(text.utf8, to: name) }

    /// Writes a document in pieces, so that the test itself needs no memory for it.
    func write(to name: String, _ body: (FileHandle) throws -> Void) throws -> String {
        let file = path + "/" + name
        #expect(FileManager.default.createFile(atPath: file, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try body(handle)
        try handle.close()
        return file
    }
}

/// Checks documents against the schemas of the repository, or of another directory.
struct DocumentBench {
    static let ownSchemas = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("config/schemas").path

    let scratch: DocumentScratch
    let catalogue: SchemaCatalogue
    var limits = DocumentLimits()

    init(schemas: String = DocumentBench.ownSchemas) throws {
        scratch = try DocumentScratch()
        catalogue = try SchemaCatalogue.load(from: schemas)
    }

    func check(_ document: String, as rule: PurposeRule = .dimona) throws -> CheckedDocument {
        try check(Array(document.utf8), as: rule)
    }

    func check(_ document: [UInt8], as rule: PurposeRule = .dimona) throws -> CheckedDocument {
        try check(fileAt: try scratch.write(document, to: UUID().uuidString), as: rule)
    }

    func check(fileAt path: String, as rule: PurposeRule = .dimona) throws -> CheckedDocument {
        try TwinExaminer(asksOpenSSL: false) { Issue.record(Comment(rawValue: $0)) }
            .check(
                SentFile(try #require(FileName("FI.DIMN.006400.20230420.00001.R.1.1")), at: path), as: rule,
                on: ExaminationGround(
                    schemas: catalogue, documentLimits: limits, signaturePolicy: SignaturePolicy(),
                    trust: try TrustStore(authorities: [], revocationLists: [])))
    }

    /// What a document is refused with; empty when it is accepted.
    func findings(_ document: String, as rule: PurposeRule = .dimona) throws -> [Finding] {
        try findings(Array(document.utf8), as: rule)
    }

    func findings(_ document: [UInt8], as rule: PurposeRule = .dimona) throws -> [Finding] {
        try findings(fileAt: try scratch.write(document, to: UUID().uuidString), as: rule)
    }

    func findings(fileAt path: String, as rule: PurposeRule = .dimona) throws -> [Finding] {
        do {
            _ = try check(fileAt: path, as: rule)
            return []
        } catch StageFailure.refused(let findings) {
            return findings
        }
    }

    func codes(_ document: String, as rule: PurposeRule = .dimona) throws -> [Int] {
        try findings(document, as: rule).map(\.code.rawValue)
    }
}

extension PurposeRule {
    static let dimona = rule("DIMN", ["Dimona"], ["DIMONA"])
    static let dmfa = rule("DMFA", ["DmfAOriginal"], ["DMFA"])
    static let receipt = rule("ACRF", ["ACRF"], ["ACRF001"])
    static let notification = rule("NOTI", ["NOTIFICATION"], ["NOTI001"])
    static let anything = rule("ECRQ", [], [])

    static func rule(_ purpose: String, _ roots: [String], _ forms: [String], limit: Int? = nil)
        -> PurposeRule
    {
        guard let purpose = Purpose(purpose) else { preconditionFailure("not a purpose") }
        return PurposeRule(purpose: purpose, roots: roots, forms: forms, formLimit: limit)
    }
}

/// Dimona documents, made up.
enum DimonaSample {
    static let instance = #"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#
    static let location = #"xsi:noNamespaceSchemaLocation="Dimona_20231.xsd""#
    static let declaration = #"<?xml version="1.0" encoding="UTF-8"?>"#

    static func form(
        _ identification: String = "DIMONA", date: String = "2023-04-20", _ content: String = cancel
    ) -> String {
        """
          <Form>
            <Identification>\(identification)</Identification>
            <FormCreationDate>\(date)</FormCreationDate>
            <FormCreationHour>10:15:00.000</FormCreationHour>
            <AttestationStatus>0</AttestationStatus>
            <TypeForm>SU</TypeForm>
            \(content)
          </Form>

        """
    }

    static let cancel = "<DimonaCancel><DimonaPeriodId>123456789012</DimonaPeriodId></DimonaCancel>"

    static func document(
        _ content: String = form(), root: String = "Dimona", attributes: String = "\(instance) \(location)"
    )
        -> String
    {
        "\(declaration)\n<\(root) \(attributes)>\n\(content)</\(root)>\n"
    }
}
