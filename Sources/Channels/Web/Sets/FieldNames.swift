internal import HTTPTypes

extension HTTPField.Name {
    /// RFC 7240.
    static let prefer = known("Prefer")
    /// RFC 7240.
    static let preferenceApplied = known("Preference-Applied")
    /// draft-ietf-httpapi-idempotency-key-header.
    static let idempotencyKey = known("Idempotency-Key")
    /// `true` when the answer is that of an earlier request with the same key.
    static let idempotencyReplayed = known("Idempotency-Replayed")
    /// RFC 9530.
    static let contentDigest = known("Content-Digest")
    /// RFC 8288.
    static let link = known("Link")

    static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no field name") }
        return name
    }
}
