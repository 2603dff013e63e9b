internal import CLibXML2

/// A schema ready for use. One owner of an `xmlSchemaPtr`.
///
/// `@unchecked Sendable`: libxml2 only reads a parsed schema while validating, every validation has a context
/// of its own, and nothing here changes after `make`.
final class CompiledSchema: @unchecked Sendable {
    let name: String
    let schema: xmlSchemaPtr

    private init(owning schema: xmlSchemaPtr, name: String) {
        self.schema = schema
        self.name = name
    }

    deinit { xmlSchemaFree(schema) }

    /// Compiles `file` of `library` with everything it includes.
    static func make(_ file: String, from library: SchemaLibrary) throws(SchemaFault) -> CompiledSchema {
        LibXML.prepare()
        guard let parser = xmlSchemaNewParserCtxt(library.address(of: file)) else {
            throw .unreadable(file: file, sentence: "no memory for a schema parser")
        }
        defer { xmlSchemaFreeParserCtxt(parser) }
        let faults = SchemaFaultList()
        xmlSchemaSetParserStructuredErrors(
            parser,
            { context, error in
                guard let context, let error else { return }
                Unmanaged<SchemaFaultList>.fromOpaque(context).takeUnretainedValue().add(error.pointee)
            }, Unmanaged.passUnretained(faults).toOpaque())
        let parsed = withExtendedLifetime(faults) { xmlSchemaParse(parser) }
        xmlResetLastError()
        let compiled = parsed.map { CompiledSchema(owning: $0, name: file) }
        if let fault = faults.first {
            throw .invalid(file: fault.file ?? file, line: fault.line, sentence: fault.sentence)
        }
        guard let compiled else { throw .invalid(file: file, line: 0, sentence: "it cannot be compiled") }
        return compiled
    }
}

/// Collects what libxml2 says of a schema. Used by the one thread that compiles it.
private final class SchemaFaultList {
    private(set) var first: (file: String?, line: Int, sentence: String)?

    func add(_ error: xmlError) {
        guard first == nil, error.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
        let file = error.file.map { String(cString: $0) }?.split(separator: "/").last.map { String($0) }
        first = (file, Int(error.line), PlainText.escaped(LibXML.message(of: error)))
    }
}
