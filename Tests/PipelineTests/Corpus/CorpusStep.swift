import Exchange

/// One line of what a sender does: an action and its options.
struct CorpusStep: Decodable, Sendable {
    // Actions; exactly one stands in a step.
    /// A whole set with this stem: FI files, their FS, GO.
    let set: String?
    /// One file.
    let put: String?
    /// The FS of an FI put before.
    let sign: String?
    /// A name is renamed to `to`.
    let rename: String?
    let remove: String?
    /// The bytes of a file put before are changed in place.
    let change: String?
    /// A receipt must come now.
    let receive: Expectation?
    /// The sender is blocked, so that the registry no longer lets it in.
    let block: Bool?

    // What a file holds; nothing for an empty one.
    /// From `Tests/Corpus/documents`; several for a set of parts.
    let document: String?
    let documents: [String]?
    let text: String?
    /// Zero bytes.
    let size: Int?
    /// Elements inside each other.
    let nested: Int?
    /// Old text to new text.
    let replace: [String: String]?
    /// `utf-16`, `latin-1`, `crlf`, or `broken-utf-8`: each `~` becomes a byte that is no UTF-8.
    let encode: String?

    // How it is sent and signed.
    /// The connection breaks after half of the file.
    let cut: Bool?
    /// An older upload of the same file is still open.
    let rival: Bool?
    /// The bytes go on from where a broken upload ended.
    let resume: Bool?
    let by: SignerKind?
    let form: SignatureForm?
    let second: SignerKind?
    let unsigned: Bool?
    let to: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case set, put, sign, rename, remove, change, receive, block
        case document, documents, text, size, nested, replace, encode
        case cut, rival, resume, by, form, second, unsigned, to
    }

    func requireOneAction() throws {
        let actions: [Any?] = [set, put, sign, rename, remove, change, receive, block]
        guard actions.compactMap({ $0 }).count == 1 else {
            throw CorpusFault(sentence: "a step has exactly one action")
        }
    }

    /// The bytes the step tells of; nil for a file of zeros, which is made where it is written.
    func content(_ document: String? = nil) throws -> [UInt8] {
        var text = ""
        if let document = document ?? self.document {
            text = String(decoding: try Repository.document(document), as: UTF8.self)
        } else if let inline = self.text {
            text = inline
        } else if let nested {
            text = try Repository.deepDocument(nested)
        }
        for (old, new) in (replace ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard text.contains(old) else { throw CorpusFault(sentence: "'\(old)' is not in the document") }
            text = text.replacing(old, with: new)
        }
        return try CorpusStep.encode(text, as: encode)
    }

    private static func encode(_ text: String, as encoding: String?) throws -> [UInt8] {
        switch encoding {
        case nil: return Array(text.utf8)
        case "utf-16": return [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case "latin-1": return text.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3F }
        case "crlf": return Array(text.replacing("\n", with: "\r\n").utf8)
        case "broken-utf-8": return Array(text.utf8).map { $0 == 0x7E ? 0xFF : $0 }
        case let other?: throw CorpusFault(sentence: "'\(other)' is no encoding")
        }
    }
}

/// A step without stray keys.
struct StrictStep: Decodable {
    let step: CorpusStep

    init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(besides: CorpusStep.CodingKeys.allCases.map(\.rawValue))
        step = try CorpusStep(from: decoder)
        try step.requireOneAction()
    }
}
