internal import Exchange

/// Counts and judges the children of the root: the forms (domain 5.1).
struct FormCount {
    /// Bytes of an `Identification` looked at; the longest has 7 positions (annex 11).
    private static let longestIdentification = 64
    /// Characters of an identification that are told.
    private static let longestShown = 25
    /// Different identifications counted; bounds what a hostile document makes us keep.
    private static let distinctIdentifications = 100

    private let rule: PurposeRule
    /// The purpose's documents are a root with `Form` children. Others have no form ids (domain 5.4).
    private let isFamily: Bool
    private var total = 0
    private var counts: [[UInt8]: Int] = [:]
    private var isInForm = false
    private var isInIdentification = false
    /// The text of the identification being read, or of the last one.
    private var text: [UInt8] = []
    /// The identification of the last form, and how many forms had it in a row: most files hold one kind.
    private var run: (text: [UInt8], count: Int, isAllowed: Bool) = ([], 0, true)

    init(_ rule: PurposeRule) {
        self.rule = rule
        isFamily = !rule.roots.isEmpty && !rule.forms.isEmpty
    }

    /// How often each identification stands in the document, without the white space around it and safe to be told.
    var byIdentification: [String: Int] {
        var result: [String: Int] = [:]
        for (text, count) in counts { result[FormCount.shown(text), default: 0] += count }
        if run.count > 0 { result[FormCount.shown(run.text), default: 0] += run.count }
        return result
    }

    /// Cut: written out, a character takes up to ten bytes, and a worker may tell 256.
    private static func shown(_ text: [UInt8]) -> String {
        PlainText.escaped(PlainText.trimmed(text), limit: FormCount.longestShown)
    }

    /// An element began at `depth` (the root's is 1).
    mutating func started(_ tag: StartTag, depth: Int) -> DocumentHead.Fault? {
        isInIdentification = false
        guard depth == 2 else {
            if depth == 3, isInForm, tag.isNamed("Identification") {
                isInIdentification = true
                text.removeAll(keepingCapacity: true)
            }
            return nil
        }
        isInForm = tag.isNamed("Form")
        if isInForm { total += 1 }
        return isInForm || !isFamily
            ? nil : (.notAForm, "the block \(PlainText.quoted(tag.name)) is not a Form")
    }

    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard isInIdentification else { return }
        text.append(contentsOf: bytes.prefix(FormCount.longestIdentification - text.count))
    }

    /// An element ended.
    mutating func ended() -> DocumentHead.Fault? {
        guard isInIdentification else { return nil }
        isInIdentification = false
        if text != run.text || run.count == 0 { beginRun() }
        run.count += 1
        guard !run.isAllowed else { return nil }
        let form = PlainText.quoted(PlainText.trimmed(text))
        let allowed = rule.forms.joined(separator: ", ")
        return (
            .formDiffersFromName, "the form is \(form); in a file for \(rule.purpose) it must be \(allowed)"
        )
    }

    /// What is wrong with the number of forms, once all are counted.
    var fault: DocumentHead.Fault? {
        if isFamily, total == 0 { return (.noForm, "the document has no Form") }
        guard !rule.roots.isEmpty, let limit = rule.formLimit, total > limit else { return nil }
        if limit == 1 { return (.moreThanOneForm, "the document has \(total) forms; it may have one") }
        return (.tooManyForms, "the document has \(total) forms; it may have \(limit)")
    }

    private mutating func beginRun() {
        if run.count > 0, counts[run.text] != nil || counts.count < FormCount.distinctIdentifications {
            counts[run.text, default: 0] += run.count
        }
        run = (text, 0, !isFamily || rule.forms.contains(PlainText.trimmed(text)))
    }
}
