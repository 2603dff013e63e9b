internal import CLibXML2

/// The SAX callbacks of `PushParser`.
extension PushParser {
    /// Each recovers the parser and calls one of its methods.
    static var callbacks: xmlSAXHandler {
        var sax = xmlSAXHandler()
        sax.initialized = UInt32(XML_SAX2_MAGIC)
        sax.startElementNs = {
            context, name, prefix, uri, namespaces, declared, count, defaulted, attributes in
            guard let parser = PushParser.from(context) else { return }
            let tag = StartTag(
                name: name, namespace: uri, declared: namespaces, count: count, attributes: attributes)
            guard parser.started(tag) else { return }
            parser.replay { sax, user in
                sax.startElementNs?(
                    user, name, prefix, uri, namespaces, declared, count, defaulted, attributes)
            }
        }
        sax.endElementNs = { context, _, _, _ in PushParser.from(context)?.ended() }
        sax.characters = { context, text, count in PushParser.from(context)?.text(text, count) }
        sax.ignorableWhitespace = sax.characters
        sax.cdataBlock = { context, text, count in PushParser.from(context)?.text(text, count) }
        sax.internalSubset = { context, _, _, _ in PushParser.from(context)?.doctype() }
        // Keeps libxml2 from printing; what is wrong is asked after each event and piece.
        sax.serror = { _, _ in }
        return sax
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> PushParser? {
        context.map { Unmanaged<PushParser>.fromOpaque($0).takeUnretainedValue() }
    }
}
