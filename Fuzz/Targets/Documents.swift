internal import Exchange
internal import Foundation

@testable internal import Validation

extension FuzzTarget {
    /// A document, against the schemas of the repository and the rule for DIMN.
    ///
    /// Proves: a document of a stranger is accepted or refused, never postponed; findings are as few as allowed, each
    /// with a place in the file and printable words; evidence names the bytes judged; what is accepted is accepted
    /// again with a comment at its end.
    static let documents = FuzzTarget(
        name: "documents", longest: 8192, seeds: hostile, prepare: acceptSoundDocument
    ) { input in
        guard let document = check(input) else { return }
        hold(document.size == input.count, "evidence of \(document.size) bytes, not \(input.count)")
        hold(document.digest == Digest(ofSHA256: input), "evidence of other bytes")
        hold(check(input + Array("<!-- the end -->".utf8)) != nil, "refused for a comment")
    }

    @Sendable private static func hostile() -> [[UInt8]] {
        [[UInt8]](
            texts: "<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><a b='c'>\u{20AC}</a>",
            "<a xmlns:x='y'><x:b/><!-- c --><?d e?></a>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")
    }

    @Sendable private static func acceptSoundDocument() {
        let sound = Material.bytes("Tests/Corpus/documents/dimona.xml", in: Material.repository)
        hold(check(sound) != nil, "a sound document is refused")
    }

    private static let judge: (check: DocumentCheck, rule: PurposeRule) = {
        guard let catalogue = try? SchemaCatalogue.load(from: Material.repository + "/config/schemas"),
            let purpose = Purpose("DIMN")
        else { fatalError("no schemas") }
        let rule = PurposeRule(purpose: purpose, roots: ["Dimona"], forms: ["DIMONA"], formLimit: 100)
        return (DocumentCheck(catalogue: catalogue, limits: limits), rule)
    }()

    private static let limits = {
        var limits = DocumentLimits()
        limits.findings = 20
        return limits
    }()

    private static func check(_ bytes: [UInt8]) -> CheckedDocument? {
        guard let name = FileName("FI") else { return nil }
        do throws(StageFailure) {
            return try judge.check.check(
                SentFile(name, at: Material.file("document", holding: bytes)), rule: judge.rule)
        } catch {
            switch error {
            case .refused(let findings):
                hold((1...limits.findings).contains(findings.count), "\(findings.count) findings")
                for finding in findings {
                    hold(
                        finding.place.map { $0.line > 0 && $0.column > 0 } ?? false,
                        "a finding without a place")
                    hold(
                        !finding.detail.unicodeScalars.contains { $0.value < 0x20 },
                        "control characters in words")
                }
            case .deferred(let deferral): hold(false, "postponed: \(deferral.sentence)")
            }
            return nil
        }
    }
}
