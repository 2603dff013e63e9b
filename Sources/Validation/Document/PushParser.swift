internal import CLibXML2
internal import Exchange

/// libxml2's push parser, feeding a `DocumentJudge`, and from the root on a schema.
///
/// Owns the parser context and, once the judge has chosen a schema, the validation context and the plug
/// between both. Used by one thread; callbacks run inside `push` and `finish`. No DTD, no entity but the five
/// of XML, no network: a DOCTYPE stops the parser.
final class PushParser {
    private let context: xmlParserCtxtPtr
    private let judge: DocumentJudge
    private var validation: xmlSchemaValidCtxtPtr?
    private var plug: OpaquePointer?
    /// The root's start tag is being given to the schema, which was not there when the event came.
    private var isReplaying = false

    private init(owning context: xmlParserCtxtPtr, judge: DocumentJudge) {
        self.context = context
        self.judge = judge
        context.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        unplug()
        LibXML.free(context)
        xmlResetLastError()
    }

    static func make(for judge: DocumentJudge) throws(Deferral) -> PushParser {
        LibXML.prepare()
        var sax = PushParser.callbacks
        guard let context = xmlCreatePushParserCtxt(&sax, nil, nil, 0, nil) else {
            throw Deferral(.unknown, "no memory for a parser")
        }
        let parser = PushParser(owning: context, judge: judge)
        // The bytes are UTF-8 whatever the declaration says: `CharacterScreen` made them so.
        let options = Int32(XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue)
        guard xmlCtxtUseOptions(context, options) == 0 else {
            throw Deferral(.unknown, "the parser does not take its options")
        }
        return parser
    }

    /// Parses the next bytes. Does nothing once the judge is through.
    func push(_ bytes: UnsafeRawBufferPointer) {
        guard !judge.isOver, let start = bytes.baseAddress, let count = Int32(exactly: bytes.count), count > 0
        else {
            return
        }
        _ = xmlParseChunk(context, start.assumingMemoryBound(to: CChar.self), count, 0)
        noteFaults()
        judge.pending(pendingBytes.count, at: position)
        if judge.isSchemaPointless { unplug() }
    }

    /// Tells the parser that the document ends here.
    func finish() {
        guard !judge.isOver else { return }
        _ = xmlParseChunk(context, nil, 0, 1)
        noteFaults()
        unplug()
    }

    /// Where the parser is: just after what it has parsed.
    var position: ParserPosition {
        guard let input = context.pointee.input else { return ParserPosition() }
        return ParserPosition(line: max(1, Int(input.pointee.line)), column: max(1, Int(input.pointee.col)))
    }

    /// Where the bytes pushed so far end.
    var endPosition: ParserPosition {
        var position = position
        for byte in pendingBytes {
            if byte == 0x0A {
                position = ParserPosition(line: position.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        return position
    }

    private var pendingBytes: UnsafeBufferPointer<UInt8> {
        guard let input = context.pointee.input, let start = input.pointee.cur, let end = input.pointee.end,
            end > start
        else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: start, count: end - start)
    }

    /// Asks the parser itself whether the document is well-formed so far: with a schema in place libxml2 does
    /// not call the error callback, and it sets these marks only after calling it.
    private func noteFaults() {
        guard context.pointee.wellFormed == 0 || context.pointee.nsWellFormed == 0 else { return }
        let error = context.pointee.lastError
        guard error.code != Int32(XML_ERR_NO_MEMORY.rawValue) else {
            return judge.postpone(Deferral(.unknown, "no memory to parse a document"))
        }
        // libxml2 tells of a tag that the document ends in before it complains of it.
        if error.code == Int32(XML_ERR_GT_REQUIRED.rawValue) { judge.forgetUnfinishedRoot() }
        let place = ParserPosition(line: max(1, Int(error.line)), column: max(1, Int(error.int2)))
        let sentence = WellFormednessSentence(
            error, openElement: judge.openElement, hasRoot: judge.head != nil)
        judge.refuse(.notWellFormed, sentence.text, at: place)
    }

    func started(_ tag: StartTag) -> Bool {
        guard !isReplaying else { return false }
        judge.started(tag, at: position)
        noteFaults()
        stopIfOver()
        guard !judge.isOver, plug == nil, judge.path.depth == 1, let schema = judge.schema else {
            return false
        }
        return attach(schema)
    }

    func ended() {
        judge.ended(at: position)
        stopIfOver()
    }

    func text(_ bytes: UnsafePointer<xmlChar>?, _ count: Int32) {
        judge.text(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(count)), at: position)
        stopIfOver()
    }

    func doctype() {
        judge.refuse(.notWellFormed, "a document type declaration (DOCTYPE) is not allowed", at: position)
        stopIfOver()
    }

    func invalid(_ error: xmlError) {
        judge.invalid(error, at: position)
    }

    /// Ends the parsing at the next step. `xmlStopParser` would free the input at once, but the schema, which sees
    /// each event after the judge, still reads text and attribute values from it.
    private func stopIfOver() {
        guard judge.isOver else { return }
        context.pointee.errNo = Int32(XML_ERR_USER_STOP.rawValue)
        context.pointee.disableSAX = 1
    }

    /// Puts the schema between parser and judge; true when it is in place and must see the root again.
    private func attach(_ schema: CompiledSchema) -> Bool {
        guard let validation = xmlSchemaNewValidCtxt(schema.schema) else {
            judge.postpone(Deferral(.schemaUnavailable, "no memory to check against \(schema.name)"))
            return false
        }
        self.validation = validation
        xmlSchemaSetValidStructuredErrors(
            validation,
            { parser, error in
                guard let parser, let error else { return }
                Unmanaged<PushParser>.fromOpaque(parser).takeUnretainedValue().invalid(error.pointee)
            }, Unmanaged.passUnretained(self).toOpaque())
        plug = xmlSchemaSAXPlug(validation, &context.pointee.sax, &context.pointee.userData)
        guard plug != nil else {
            judge.postpone(Deferral(.schemaUnavailable, "\(schema.name) cannot be put to use"))
            return false
        }
        return true
    }

    /// Runs `event`, the root's start, against the schema that has just been attached.
    func replay(_ event: (xmlSAXHandler, UnsafeMutableRawPointer?) -> Void) {
        guard let sax = context.pointee.sax else { return }
        isReplaying = true
        event(sax.pointee, context.pointee.userData)
        isReplaying = false
    }

    /// Takes the schema away and gives the parser its own callbacks back; never inside a callback.
    private func unplug() {
        if let plug { xmlSchemaSAXUnplug(plug) }
        plug = nil
        if let validation { xmlSchemaFreeValidCtxt(validation) }
        validation = nil
    }
}
