internal import Channels
internal import Exchange

/// An answer whose files all lie in an outgoing directory, its GO among them.
struct ListedAnswer: Sendable, Hashable {
    let name: AnswerName
    /// FO, or CO in its place.
    let document: AnswerName.Kind
    /// Bytes; nil when the listing does not tell.
    let sizes: [AnswerName.Kind: UInt64]
    /// Changes when the answer is published anew.
    let stamp: String
    /// When its document was last written, in seconds since 1970; nil when the listing does not tell.
    let publishedAt: Double?

    var stem: String { name.stem }

    /// The complete answers of a listing, in the order of their stems, which is that of their publication.
    static func complete(in entries: [RemoteEntry]) -> [ListedAnswer] {
        var files: [String: [AnswerName.Kind: (name: AnswerName, entry: RemoteEntry)]] = [:]
        for entry in entries where entry.kind != .directory {
            guard let name = AnswerName(entry.name) else { continue }
            files[name.stem, default: [:]][name.kind] = (name, entry)
        }
        return files.values.compactMap { ListedAnswer($0) }.sorted { $0.stem < $1.stem }
    }

    private init?(_ files: [AnswerName.Kind: (name: AnswerName, entry: RemoteEntry)]) {
        guard let trigger = files[.trigger], files[.signature] != nil,
            let document = files[.document] ?? files[.archive]
        else { return nil }
        name = trigger.name
        self.document = document.name.kind
        sizes = files.compactMapValues(\.entry.size)
        stamp = "\(trigger.entry.stamp) \(document.entry.stamp)"
        publishedAt = document.entry.modifiedAt
    }

    /// By its name, a receipt that is not zipped.
    var isReceipt: Bool { name.purpose.description == "ACRF" && document == .document }

    /// Bytes of a receipt or its signature at the most.
    private static let longest = 1_048_576

    /// One of its files; nil when it is longer than a receipt can be, or was taken away meanwhile.
    func bytes(
        of kind: AnswerName.Kind, in mailbox: Mailbox, _ paths: MailboxPaths, over link: Link
    ) throws(RemoteFault) -> [UInt8]? {
        guard (sizes[kind] ?? 0) <= UInt64(ListedAnswer.longest) else { return nil }
        do {
            return try link.run { (files) throws(RemoteFault) in
                guard let path = try paths.path(mailbox).appending(name.text(of: kind)) else { return nil }
                return try files.bytes(of: path, atMost: ListedAnswer.longest)
            }
        } catch {
            guard !error.breaksConnection, error.kind == .noSuchFile else { throw error }
            return nil
        }
    }
}
