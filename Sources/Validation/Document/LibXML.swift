internal import CLibXML2

/// The library's state that is not ours alone: set once for the process, before the first parser.
///
/// After `prepare()` libxml2 prints nothing, opens no file and no connection for any entity, DTD or schema:
/// the only entity loader left answers addresses of `SchemaLibrary` and refuses everything else.
enum LibXML {
    /// Call before any other use of the library on a thread. Cheap; safe from any thread.
    static func prepare() {
        _ = prepared
        ecluse_xml_silence_thread()
    }

    private static let prepared: Void = {
        xmlInitParser()
        ecluse_xml_silence()
        xmlSetExternalEntityLoader { address, _, context in
            guard let address, let context else { return nil }
            return SchemaLibrary.input(at: String(cString: address), for: context)
        }
        // Built-in types are made on first use, without a lock.
        xmlSchemaInitTypes()
    }()

    /// Frees a parser with the document it made for itself: it makes one, whoever takes its events, to keep the entities
    /// of a DOCTYPE in.
    static func free(_ context: xmlParserCtxtPtr) {
        xmlFreeDoc(context.pointee.myDoc)
        xmlFreeParserCtxt(context)
    }

    /// A copy of the text an error carries, without its trailing line end.
    static func message(of error: xmlError) -> String {
        guard let text = error.message else { return "" }
        var copy = String(cString: text)
        while copy.last?.isWhitespace == true { copy.removeLast() }
        return copy
    }
}
