internal import CLibXML2

/// Reads a schema text once at load: it must be well-formed, without a DOCTYPE, and a schema; what it
/// includes, imports or redefines is listed. Fast; compiling takes much longer.
final class SchemaScan {
    private static let schemaNamespace = "http://www.w3.org/2001/XMLSchema"

    /// The references as written, in order.
    private(set) var references: [String] = []
    private var depth = 0
    private var rootIsSchema = false
    private var hasDoctype = false

    /// - Throws: `SchemaFault.invalid` when the text is no schema.
    init(_ text: [UInt8], named file: String) throws(SchemaFault) {
        LibXML.prepare()
        var sax = xmlSAXHandler()
        sax.initialized = UInt32(XML_SAX2_MAGIC)
        sax.startElementNs = { context, name, _, namespace, _, _, count, _, attributes in
            SchemaScan.from(context)?.started(name, namespace, count, attributes)
        }
        sax.endElementNs = { context, _, _, _ in SchemaScan.from(context)?.depth -= 1 }
        sax.internalSubset = { context, _, _, _ in SchemaScan.from(context)?.hasDoctype = true }
        sax.serror = { _, _ in }
        guard let parser = xmlCreatePushParserCtxt(&sax, nil, nil, 0, nil) else {
            throw .unreadable(file: file, sentence: "no memory for a parser")
        }
        defer { LibXML.free(parser) }
        _ = xmlCtxtUseOptions(parser, Int32(XML_PARSE_NONET.rawValue))
        parser.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
        text.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty, !hasDoctype {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 16))
                guard
                    xmlParseChunk(
                        parser, piece.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(piece.count), 0)
                        == 0
                else { break }
                rest = rest.dropFirst(piece.count)
            }
        }
        if hasDoctype {
            throw .invalid(file: file, line: 0, sentence: "a document type declaration is not allowed")
        }
        _ = xmlParseChunk(parser, nil, 0, 1)
        guard parser.pointee.wellFormed != 0, parser.pointee.nsWellFormed != 0 else {
            let error = parser.pointee.lastError
            let sentence = PlainText.escaped(LibXML.message(of: error))
            throw .invalid(file: file, line: Int(error.line), sentence: sentence)
        }
        guard rootIsSchema else { throw .invalid(file: file, line: 0, sentence: "its root is not xs:schema") }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> SchemaScan? {
        context.map { Unmanaged<SchemaScan>.fromOpaque($0).takeUnretainedValue() }
    }

    private func started(
        _ name: UnsafePointer<xmlChar>?, _ namespace: UnsafePointer<xmlChar>?, _ count: Int32,
        _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
    ) {
        let tag = StartTag(
            name: name, namespace: namespace, declared: 0, count: count, attributes: attributes)
        depth += 1
        guard tag.namespace == SchemaScan.schemaNamespace else { return }
        if depth == 1 { rootIsSchema = tag.name == "schema" }
        if ["include", "import", "redefine"].contains(tag.name),
            let reference = tag.value(of: "schemaLocation", in: nil)
        {
            references.append(reference)
        }
    }
}
