internal import Crypto
internal import Exchange

/// What a mark remembers of the files of a set. Two halves, because a server may list by another command after a
/// restart: one of names and sizes, which every form of listing has, and one of stamps, which are compared only with
/// those of the same form.
struct InboxFingerprint {
    /// 32 bytes: 16 of names and sizes, 15 of the stamps, 1 of their form.
    let digest: Exchange.Digest

    private static let half = 16

    /// Of these entries, in whatever order they are given.
    init(of entries: [RemoteEntry]) {
        let sorted = entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        let files = sorted.flatMap { [$0.name, Array(($0.size.map { "\($0)" } ?? "-").utf8)] }
        let forms = Set(entries.map(\.form))
        let form = forms.count == 1 ? forms.first ?? .absent : .absent
        let bytes =
            InboxFingerprint.hash(files).prefix(InboxFingerprint.half)
            + InboxFingerprint.hash(sorted.map { Array($0.stamp.utf8) }).prefix(InboxFingerprint.half - 1)
            + [form.rawValue]
        guard let digest = Exchange.Digest(bytes) else { preconditionFailure("a digest has 32 bytes") }
        self.digest = digest
    }

    private static func hash(_ fields: [[UInt8]]) -> [UInt8] {
        var hasher = SHA256()
        for field in fields {
            hasher.update(data: Array("\(field.count):".utf8))
            hasher.update(data: field)
        }
        return Array(hasher.finalize())
    }

    /// True when nothing tells the files of `old` from these.
    func matches(_ old: Exchange.Digest) -> Bool {
        let (these, those) = (Array(digest.bytes), Array(old.bytes))
        guard these.prefix(InboxFingerprint.half) == those.prefix(InboxFingerprint.half) else { return false }
        return these == those || these.last != those.last || these.last == RemoteEntry.Form.absent.rawValue
    }
}

extension RemoteEntry {
    /// What kind of stamp it has. Stamps of two kinds cannot be compared.
    enum Form: UInt8 {
        case absent
        /// A date.
        case dated
        /// Words for a date.
        case worded
    }

    var form: Form { stamp.isEmpty ? .absent : modifiedAt == nil ? .worded : .dated }

    /// True when nothing tells the two apart, which may have been listed in different forms.
    func isUnchanged(_ other: RemoteEntry) -> Bool {
        name == other.name && (size == other.size || size == nil || other.size == nil)
            && (stamp == other.stamp || form != other.form)
    }
}
