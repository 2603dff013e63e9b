internal import CLibXML2
internal import Exchange

/// What the parser tells of one document, judged: limits, head, forms and schema faults.
///
/// The parser calls it on one thread, in document order. Findings of the document phase go before those of
/// the schema: schema faults are told only when nothing else is wrong (design section 5).
final class DocumentJudge {
    private let limits: DocumentLimits
    private let name: FileName
    private let rule: PurposeRule
    private let catalogue: SchemaCatalogue

    private(set) var path = ElementPath()
    private(set) var head: DocumentHead?
    /// The schema the parser must check the root and all that follows against; set at the root.
    private(set) var schema: CompiledSchema?
    private(set) var forms: FormCount
    private var elements = 0
    private var textBytes = 0
    /// Namespaces declared on each open element.
    private var namespaces: [Int] = []
    private var findings: [Finding] = []
    private var schemaFindings: [Finding] = []
    private var lastWasFacet: ParserPosition?
    /// Ours, not the sender's.
    private(set) var deferral: Deferral?
    /// Nothing that follows can change the verdict, or may be looked at.
    private(set) var isOver = false

    init(_ catalogue: SchemaCatalogue, _ limits: DocumentLimits, name: FileName, rule: PurposeRule) {
        self.catalogue = catalogue
        self.limits = limits
        self.name = name
        self.rule = rule
        forms = FormCount(rule)
    }

    /// Checking against the schema cannot add to the verdict any more.
    var isSchemaPointless: Bool { !findings.isEmpty || schemaFindings.count >= limits.findings }

    /// The name of the innermost element that has not ended; empty outside the root.
    var openElement: String {
        path.settle()
        return path.name
    }

    func started(_ tag: StartTag, at position: @autoclosure () -> ParserPosition) {
        path.enter(tag.internedName)
        elements += 1
        namespaces.append(tag.namespaceCount)
        textBytes = 0
        if let sentence = brokenLimit(of: tag) { return refuse(.notWellFormed, sentence, at: position()) }
        if path.depth == 1 {
            judgeHead(tag, at: position())
        } else if let fault = forms.started(tag, depth: path.depth), head?.rootIsKnown == true {
            note(fault, at: position())
        }
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>, at position: @autoclosure () -> ParserPosition) {
        path.settle()
        textBytes += bytes.count
        guard textBytes <= limits.textBytes else {
            let sentence = "the text of one element is longer than \(limits.textBytes) bytes"
            return refuse(.notWellFormed, sentence, at: position())
        }
        forms.text(bytes)
    }

    func ended(at position: @autoclosure () -> ParserPosition) {
        path.leave()
        _ = namespaces.popLast()
        textBytes = 0
        if let fault = forms.ended() { note(fault, at: position()) }
        if path.depth == 1, let fault = forms.fault, head?.rootIsKnown == true { note(fault, at: position()) }
    }

    /// The parser has `count` bytes of a tag, comment or instruction that has not ended.
    func pending(_ count: Int, at position: @autoclosure () -> ParserPosition) {
        guard count > limits.textBytes else { return }
        let sentence = "a tag, comment or instruction is longer than \(limits.textBytes) bytes"
        refuse(.notWellFormed, sentence, at: position())
    }

    /// The root's tag has no end: what was found in it is no finding, not even one that ended the judging. Only to be
    /// called before `refuse`.
    func forgetUnfinishedRoot() {
        guard elements == 1 else { return }
        findings = []
        isOver = false
    }

    /// The document cannot be read on. The first such fault counts.
    func refuse(_ code: ReceptionCode, _ sentence: String, at position: ParserPosition) {
        guard !isOver else { return }
        path.settle()
        note((code, sentence), at: position)
        isOver = true
    }

    func invalid(_ error: xmlError, at position: ParserPosition) {
        guard !isOver, error.level.rawValue >= XML_ERR_ERROR.rawValue, !isSchemaPointless else { return }
        guard error.code != Int32(XML_SCHEMAV_INTERNAL.rawValue) else {
            let sentence = "libxml2 failed inside: " + LibXML.message(of: error)
            return postpone(Deferral(.schemaUnavailable, sentence))
        }
        let sentence = SchemaSentence(error, element: path.name)
        // The rule a value breaks has been told; that the value is not of its type says nothing more.
        if sentence.isSummary, lastWasFacet == position { return }
        lastWasFacet = sentence.isFacet ? position : nil
        schemaFindings.append(finding(.invalidAgainstSchema, sentence.text, at: position))
    }

    func postpone(_ deferral: Deferral) {
        self.deferral = self.deferral ?? deferral
        isOver = true
    }

    /// - Throws: what is wrong, the document phase before the schema's.
    func verdict(on read: DocumentReading) throws(StageFailure) -> CheckedDocument {
        if let deferral { throw .deferred(deferral) }
        if !findings.isEmpty { throw .refused(findings) }
        if !schemaFindings.isEmpty { throw .refused(schemaFindings) }
        guard let head else { throw .deferred(Deferral(.unknown, "a document was accepted without a root")) }
        return CheckedDocument(
            digest: read.digest, size: read.size, root: head.root, schema: schema?.name,
            encoding: read.encoding.rawValue, forms: forms.byIdentification)
    }

    private func judgeHead(_ tag: StartTag, at position: ParserPosition) {
        let head = DocumentHead(tag, rule: rule, catalogue: catalogue)
        self.head = head
        for fault in head.faults { note(fault, at: position) }
        guard findings.isEmpty, let name = head.schema else { return }
        do throws(SchemaFault) {
            schema = try catalogue.schema(named: name)
        } catch {
            postpone(Deferral(.schemaUnavailable, error.sentence))
        }
    }

    private func brokenLimit(of tag: StartTag) -> String? {
        if path.depth > limits.depth { return "elements are nested deeper than \(limits.depth)" }
        if tag.namespaceCount > 0, namespaces.reduce(0, +) > limits.namespaces {
            return "more than \(limits.namespaces) namespaces are declared around an element"
        }
        if tag.attributeCount > limits.attributes {
            return "an element has more than \(limits.attributes) attributes"
        }
        if tag.longestName > limits.nameBytes { return "a name is longer than \(limits.nameBytes) bytes" }
        if tag.longestValue > limits.textBytes {
            return "an attribute value is longer than \(limits.textBytes) bytes"
        }
        return nil
    }

    private func note(_ fault: DocumentHead.Fault, at position: ParserPosition) {
        guard !isOver else { return }
        findings.append(finding(fault.code, fault.detail, at: position))
        isOver = findings.count >= limits.findings
    }

    private func finding(_ code: ReceptionCode, _ detail: String, at position: ParserPosition) -> Finding {
        let place = Finding.Place(line: position.line, column: position.column, path: path.description)
        return Finding(code, file: name, place: place, detail: detail)
    }
}

/// A place in a document, both counted from 1.
struct ParserPosition: Equatable {
    var line = 1
    var column = 1
}
