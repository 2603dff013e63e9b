internal import HTTPTypes
internal import Hummingbird

/// Why no token was given: RFC 6749 section 5.2.
struct TokenRefusal: HTTPResponseError, Hashable {
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

    var status: HTTPResponse.Status { word == .invalidClient ? .unauthorized : .badRequest }

    func response(from request: Request, context: some RequestContext) -> Response {
        var headers: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .pragma: "no-cache",
        ]
        // A 401 names a scheme (RFC 9110 section 15.5.2), though this one does not open the token resource.
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"ecluse\"" }
        let document: JSONValue = ["error": .string(word.rawValue), "error_description": .string(detail)]
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: document.text)))
    }
}

extension HTTPField.Name {
    static let pragma = known("Pragma")
}
