internal import Channels
internal import Exchange

/// One document of an answer, with its signature.
struct AnswerPart: Sendable, Hashable {
    /// FO, or CO in its place.
    let document: AnswerName
    /// Bytes of the two; of what the server tells.
    let sizes: [AnswerName.Kind: UInt64]

    var signature: AnswerName { document.of(.signature) }
    var files: [AnswerName] { [document, signature] }
}

/// An answer whose files all lie in an outgoing directory, its GO among them.
///
/// One document has a GO of its own stem; several share one whose name ends with their number (domain 1.2 and 1.5).
struct ListedAnswer: Sendable, Hashable {
    let trigger: AnswerName
    /// In their order; at least one.
    let parts: [AnswerPart]
    /// Changes when the answer is published anew.
    let stamp: String
    /// When its first document was last written, in seconds since 1970; nil when the listing does not tell.
    let publishedAt: Double?

    var stem: String { trigger.stem }

    /// The complete answers of a listing, in the order of their stems, which is that of their publication.
    static func complete(in entries: [RemoteEntry]) -> [ListedAnswer] {
        var files: [AnswerName: RemoteEntry] = [:]
        for entry in entries where entry.kind != .directory {
            guard let name = AnswerName(entry.name) else { continue }
            files[name] = entry
        }
        return files.keys.compactMap { ListedAnswer($0, among: files) }.sorted { $0.stem < $1.stem }
    }

    private init?(_ trigger: AnswerName, among files: [AnswerName: RemoteEntry]) {
        guard trigger.kind == .trigger, let entry = files[trigger] else { return nil }
        func part(_ name: AnswerName) -> AnswerPart? {
            guard let document = [.document, .archive].map(name.of).first(where: { files[$0] != nil }),
                files[name.of(.signature)] != nil
            else { return nil }
            let sizes = [document, name.of(.signature)].map { ($0.kind, files[$0]?.size) }
            return AnswerPart(
                document: document, sizes: Dictionary(uniqueKeysWithValues: sizes).compactMapValues(\.self))
        }
        let names = part(trigger).map { [$0.document] } ?? trigger.parts
        let parts = names.compactMap(part)
        guard let first = parts.first, parts.count == names.count else { return nil }
        self.trigger = trigger
        self.parts = parts
        stamp = ([entry] + parts.compactMap { files[$0.document] }).map(\.stamp).joined(separator: " ")
        publishedAt = files[first.document]?.modifiedAt
    }

    /// By its name, a receipt that is not zipped.
    var isReceipt: Bool {
        trigger.purpose.description == "ACRF" && parts.map(\.document.kind) == [.document]
    }

    /// The document of a receipt.
    var document: AnswerName { parts[0].document }

    /// Bytes of a receipt or its signature at the most.
    private static let longest = 1_048_576

    /// A file of a receipt; nil when it is longer than a receipt can be, or was taken away meanwhile.
    func bytes(
        of kind: AnswerName.Kind, in mailbox: Mailbox, _ paths: MailboxPaths, over link: Link
    ) throws(RemoteFault) -> [UInt8]? {
        guard (parts[0].sizes[kind] ?? 0) <= UInt64(ListedAnswer.longest) else { return nil }
        do {
            return try link.run { (files) throws(RemoteFault) in
                guard let path = try paths.path(mailbox).appending(document.text(of: kind)) else {
                    return nil
                }
                return try files.bytes(of: path, atMost: ListedAnswer.longest)
            }
        } catch {
            guard !error.breaksConnection, error.kind == .noSuchFile else { throw error }
            return nil
        }
    }
}
