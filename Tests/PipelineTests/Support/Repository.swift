import Exchange
import Foundation
import Testing
import Validation
import Yams

/// The files of the repository that tests read.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let corpus = root.appendingPathComponent("Tests/Corpus")
    static let schemaDirectory = root.appendingPathComponent("config/schemas")

    /// The schemas of the working example.
    static let schemas = Result { try SchemaCatalogue.load(from: schemaDirectory.path) }

    /// Those, and the small schema of `Tests/Corpus/schemas` for a message the example has none for.
    static let corpusSchemas = Result {
        let directory = try TemporaryDirectory("schemas")
        for source in [schemaDirectory, corpus.appendingPathComponent("schemas")] {
            let names = try FileManager.default.contentsOfDirectory(atPath: source.path)
            for name in names where name.hasSuffix(".xsd") {
                try directory.write(name, Array(Data(contentsOf: source.appendingPathComponent(name))))
            }
        }
        return try SchemaCatalogue.load(from: directory.path)
    }

    /// The applications of the working example, and `trial`, whose purposes have limits the others do not have.
    static func catalogue() throws -> ApplicationCatalogue {
        let file = root.appendingPathComponent("config/applications.yaml")
        let listed = try YAMLDecoder().decode(
            ApplicationList.self, from: String(contentsOf: file, encoding: .utf8))
        let trial = Application(
            code: "trial", label: "Limits on trial",
            purposes: [try rule("TRYA", formLimit: 2), try rule("TRYB", formLimit: 1)])
        return ApplicationCatalogue(try listed.applications.map { try $0.application() } + [trial])
    }

    private static func rule(_ purpose: String, formLimit: Int) throws -> PurposeRule {
        PurposeRule(
            purpose: try #require(Purpose(purpose)), roots: ["Dimona"], forms: ["DIMONA"],
            formLimit: formLimit)
    }

    static func document(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: corpus.appendingPathComponent("documents/\(name)")))
    }

    /// Throws unless a document of the corpus is valid by this rule and its schema.
    static func requireValid(_ document: String, _ rule: PurposeRule) throws {
        let check = DocumentCheck(catalogue: try corpusSchemas.get(), limits: DocumentLimits())
        let path = corpus.appendingPathComponent("documents/\(document)").path
        let checked = try check.check(SentFile(#require(FileName(document)), at: path), rule: rule)
        #expect(checked.schema?.hasPrefix(checked.root + "_") == true)
    }

    /// A Dimona with `depth` elements inside each other where its first form should be.
    static func deepDocument(_ depth: Int) throws -> String {
        let text = String(decoding: try document("dimona.xml"), as: UTF8.self)
        guard let end = text.range(of: "<Form>") else { throw CorpusFault(sentence: "no form in dimona.xml") }
        return text[..<end.lowerBound] + String(repeating: "<Form>", count: depth)
            + String(repeating: "</Form>", count: depth) + "</Dimona>\n"
    }
}

private struct ApplicationList: Decodable {
    let applications: [Entry]

    struct Entry: Decodable {
        let code: String
        let label: String
        let purposes: [Rule]

        func application() throws -> Application {
            Application(code: code, label: label, purposes: try purposes.map { try $0.rule() })
        }
    }

    struct Rule: Decodable {
        let purpose: String
        let roots: [String]
        let forms: [String]
        let formLimit: Int?

        func rule() throws -> PurposeRule {
            PurposeRule(
                purpose: try #require(Purpose(purpose)), roots: roots, forms: forms, formLimit: formLimit)
        }
    }
}

/// A directory that goes with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init(_ purpose: String = "pipeline") throws {
        path = NSTemporaryDirectory() + "\(purpose)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }
}
