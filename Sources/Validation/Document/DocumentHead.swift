internal import Exchange

/// What the root element's start tag says, judged by the rule of the purpose (domain 5.1).
struct DocumentHead {
    static let instanceNamespace = "http://www.w3.org/2001/XMLSchema-instance"

    /// A code and the sentence that goes with it.
    typealias Fault = (code: ReceptionCode, detail: String)

    let root: String
    /// The file of the catalogue the document names; nil when it names none that is known.
    let schema: String?
    let faults: [Fault]
    /// The root is one of the rule's, or the rule asks for none.
    let rootIsKnown: Bool

    init(_ tag: StartTag, rule: PurposeRule, catalogue: SchemaCatalogue) {
        root = tag.name
        let reference = SchemaReference(tag)
        let known = reference.file.flatMap { catalogue.contains($0) ? $0 : nil }
        schema = known
        rootIsKnown = rule.roots.isEmpty || rule.roots.contains(tag.name)
        guard !rule.roots.isEmpty else {
            faults = []
            return
        }
        var faults: [Fault] = []
        if let namespace = tag.namespace {
            faults.append(
                (
                    .namespaceWrong,
                    "the root is in the namespace \(PlainText.quoted(namespace)); it must be in none"
                ))
        }
        if let known {
            if !rootIsKnown {
                let allowed = rule.roots.joined(separator: ", ")
                faults.append(
                    (
                        .rootUnknown,
                        "the root is \(PlainText.quoted(root)); for \(rule.purpose) it must be \(allowed)"
                    ))
            }
            if SchemaReference.stem(of: known) != root {
                faults.append(
                    (
                        .formDiffersFromSchema,
                        "the schema is \(known), but the root is \(PlainText.quoted(root))"
                    ))
            }
        } else {
            faults.append(reference.fault)
        }
        self.faults = faults
    }
}

/// The schema a root element names.
private struct SchemaReference {
    private let written: String?
    private let usesOtherStandard: Bool

    init(_ tag: StartTag) {
        let namespace = DocumentHead.instanceNamespace
        written = tag.value(of: "noNamespaceSchemaLocation", in: namespace)
        usesOtherStandard = tag.value(of: "schemaLocation", in: namespace) != nil
    }

    /// The last path component of the reference; nil when there is none.
    var file: String? {
        guard let written else { return nil }
        let file = PlainText.trimmed(
            written.utf8.split { $0 == 0x2F || $0 == 0x5C }.last ?? written.utf8[...])
        return file.isEmpty ? nil : file
    }

    /// What is wrong when the catalogue does not have `file`.
    var fault: DocumentHead.Fault {
        guard let file else {
            if written == nil, usesOtherStandard {
                return (
                    .schemaStandardUnsupported,
                    "the root has xsi:schemaLocation, not xsi:noNamespaceSchemaLocation"
                )
            }
            return (.schemaNotNamed, "the root has no xsi:noNamespaceSchemaLocation")
        }
        guard file.hasSuffix(".xsd") else {
            return (
                .schemaStandardUnsupported,
                "the schema named, \(PlainText.quoted(file)), is no XML Schema (.xsd)"
            )
        }
        return (.schemaUnknown, "the schema \(PlainText.quoted(file)) is not one of the schemas in use")
    }

    /// `Dimona` of `Dimona_20231.xsd`.
    static func stem(of file: String) -> Substring {
        let name = file.dropLast(".xsd".count)
        return name.lastIndex(of: "_").map { name[..<$0] } ?? name
    }
}
