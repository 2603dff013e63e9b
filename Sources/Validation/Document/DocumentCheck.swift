public import Exchange

/// Judges one document of a set: well-formed, encoding, limits, head, forms and schema (design section 5,
/// phase 5).
///
/// A pure function of the bytes, the catalogue and the rule: no clock, no database, no network. One pass,
/// memory flat whatever the size. It blocks its thread while it reads and parses; values are shared by any
/// number of threads.
public struct DocumentCheck: Sendable {
    private let catalogue: SchemaCatalogue
    private let limits: DocumentLimits

    public init(catalogue: SchemaCatalogue, limits: DocumentLimits) {
        self.catalogue = catalogue
        self.limits = limits
    }

    /// - Parameters:
    ///   - document: the findings name it as its sender did.
    ///   - rule: of the purpose in that name.
    /// - Throws: `.refused` with all findings of the document phase, or else all of the schema's (312), at
    ///   most `limits.findings`; `.deferred` when the file cannot be read or the schema cannot be used.
    public func check(_ document: SentFile, rule: PurposeRule) throws(StageFailure) -> CheckedDocument {
        let judge = DocumentJudge(catalogue, limits, name: document.name, rule: rule)
        let read: DocumentReading
        do throws(Deferral) {
            read = try DocumentReading(document.file, judge)
        } catch {
            throw .deferred(error)
        }
        return try judge.verdict(on: read)
    }
}
