internal import Exchange

/// One pass over the bytes of a document: read, hashed, screened and parsed. What is wrong goes to the judge.
struct DocumentReading {
    let digest: Digest
    let size: Int64
    let encoding: DocumentEncoding

    /// Reads until the end, or until the judge is through; `digest` and `size` are then of no use.
    init(_ file: ReadableFile, _ judge: DocumentJudge) throws(Deferral) {
        var source = try DocumentSource.make(file)
        encoding = try DocumentReading.parse(&source, judge)
        size = source.size
        digest = try source.digest()
    }

    private static func parse(_ source: inout DocumentSource, _ judge: DocumentJudge) throws(Deferral)
        -> DocumentEncoding
    {
        var piece = try source.next()
        guard !piece.isEmpty else {
            judge.refuse(.notWellFormed, "the file is empty", at: ParserPosition())
            return .utf8
        }
        guard let (encoding, markLength) = encoding(of: piece, judge) else { return .utf8 }
        let parser = try PushParser.make(for: judge)
        var screen = CharacterScreen(encoding)
        piece = UnsafeRawBufferPointer(rebasing: piece[markLength...])
        while !piece.isEmpty, !judge.isOver {
            if let fault = screen.pass(piece, to: parser.push) {
                judge.refuse(.notWellFormed, fault.sentence(encoding), at: parser.endPosition)
            }
            if !judge.isOver { piece = try source.next() }
        }
        if screen.isInsideCharacter {
            let sentence = "the document ends inside a character of several bytes"
            judge.refuse(.notWellFormed, sentence, at: parser.endPosition)
        }
        parser.finish()
        return encoding
    }

    private static func encoding(of head: UnsafeRawBufferPointer, _ judge: DocumentJudge)
        -> (DocumentEncoding, markLength: Int)?
    {
        do throws(DocumentEncoding.Fault) {
            return try DocumentEncoding.detect(in: head)
        } catch {
            switch error {
            case .unsupported(let what):
                let taken = DocumentEncoding.allCases.map(\.rawValue).joined(separator: ", ")
                judge.refuse(
                    .encodingUnsupported, "\(what) is not taken; taken are \(taken)", at: ParserPosition())
            case .endlessDeclaration:
                judge.refuse(.notWellFormed, "the XML declaration does not end", at: ParserPosition())
            }
            return nil
        }
    }
}

extension CharacterScreen.Fault {
    fileprivate func sentence(_ encoding: DocumentEncoding) -> String {
        switch self {
        case .nul: "the document holds a NUL byte"
        case .notInEncoding: "the document holds a byte that is not \(encoding.rawValue)"
        }
    }
}
