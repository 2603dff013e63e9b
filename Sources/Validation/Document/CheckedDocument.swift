public import Exchange

/// Evidence that a document keeps the rules of its purpose, and its schema where one is named and known.
///
/// Only `DocumentCheck` makes one, and whoever hears of it from another process and then asks `isPossible`. The
/// reader of such a value compares `digest` and `size` with those of the bytes held.
public struct CheckedDocument: Sendable, Hashable, Codable {
    /// SHA-256 of the bytes judged.
    public let digest: Digest
    /// Bytes judged.
    public let size: Int64
    /// The local name of the root element.
    public let root: String
    /// The file name of the schema the document was checked against, such as `Dimona_20231.xsd`; nil when the
    /// rule of the purpose asks for none and none was known.
    public let schema: String?
    /// `UTF-8`, `US-ASCII`, `ISO-8859-1` or `ISO-8859-15`.
    public let encoding: String
    /// How often each `Form/Identification` stands in the document.
    public let forms: [String: Int]

    package init(
        digest: Digest, size: Int64, root: String, schema: String?, encoding: String, forms: [String: Int]
    ) {
        self.digest = digest
        self.size = size
        self.root = root
        self.schema = schema
        self.encoding = encoding
        self.forms = forms
    }
}
