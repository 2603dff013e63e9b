/// Why no token was given: RFC 6749 section 5.2.
struct TokenRefusal: Error, Hashable {
    enum Word: String, Sendable, Hashable, CaseIterable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case invalidScope = "invalid_scope"
    }

    let word: Word
    /// English, without bytes of the peer.
    let detail: String

    init(_ word: Word, _ detail: String) {
        self.word = word
        self.detail = detail
    }
}
