internal import Hummingbird

/// A kind of problem of the service. Its word is stable: programs may rely on it.
struct ProblemKind: Sendable, Hashable {
    /// Lower case and hyphens; the member `code`, and the fragment of `type`.
    let word: String
    let status: HTTPResponse.Status
    /// The same for every occurrence (RFC 9457 section 3.1.3).
    let title: String
    /// What to do about it, for the page that `type` leads to.
    let mend: String

    init(_ word: String, _ status: HTTPResponse.Status, _ title: String, mend: String) {
        self.word = word
        self.status = status
        self.title = title
        self.mend = mend
    }

    /// A reference to the description, relative to the service (RFC 9457 section 3.1.1).
    var type: String { "/v1/docs#problem-\(word)" }
}

extension ProblemKind {
    static let malformed = ProblemKind(
        "malformed", .badRequest, "The request cannot be understood",
        mend: "Mend the request as its detail says; repeating it unchanged gives the same answer.")
    static let unauthenticated = ProblemKind(
        "unauthenticated", .unauthorized, "Who is asking has not been proven",
        mend: """
            Send an access token of this service as Bearer token, or show the registered certificate in the TLS \
            handshake. A token ends with its time, with the certificate it was given for, and when the service is \
            started anew: ask for another.
            """)
    static let forbidden = ProblemKind(
        "forbidden", .forbidden, "The caller may not do this",
        mend:
            "Ask for a token with the scope that is missing, or have the application registered for the sender."
    )
    static let notFound = ProblemKind(
        "not-found", .notFound, "There is nothing here",
        mend:
            "Mind the spelling of the path and of the number. What belongs to another sender is not found either."
    )
    static let methodNotAllowed = ProblemKind(
        "method-not-allowed", .methodNotAllowed, "The resource does not take this method",
        mend: "Use one of the methods named in the header Allow.")
    static let conflict = ProblemKind(
        "conflict", .conflict, "The request does not agree with what is there",
        mend: "Ask what is there before asking again.")
    static let tooLarge = ProblemKind(
        "too-large", .contentTooLarge, "The request body is too large",
        mend: "Send less at once.")
    static let unsupported = ProblemKind(
        "unsupported", .unsupportedMediaType, "The body is of a type this resource does not take",
        mend: "Send one of the types the description names, without Content-Encoding.")
    static let unprocessable = ProblemKind(
        "unprocessable", .unprocessableContent, "The request was understood and cannot be granted",
        mend: "The member codes says what is wrong and what to do about it, by reception code.")
    static let headersTooLarge = ProblemKind(
        "headers-too-large", .requestHeaderFieldsTooLarge,
        "The request has too many or too large header fields",
        mend: "Send fewer header fields.")
    static let targetTooLong = ProblemKind(
        "target-too-long", .uriTooLong, "The request target is too long",
        mend: "Ask for a resource of this service.")
    static let expectationFailed = ProblemKind(
        "expectation-failed", .expectationFailed, "The request expects what is not offered",
        mend: "Send the request without Expect, or with 100-continue.")
    static let tooSlow = ProblemKind(
        "too-slow", .requestTimeout, "The request did not arrive in time",
        mend: "Send the request again, without pausing.")
    static let tooMany = ProblemKind(
        "too-many", .tooManyRequests, "Too many requests",
        mend: "Wait for the seconds in the header Retry-After.")
    static let unavailable = ProblemKind(
        "unavailable", .serviceUnavailable, "The service cannot do this now",
        mend: "Ask again after the seconds in the header Retry-After; nothing was done.")
    static let fault = ProblemKind(
        "fault", .internalServerError, "The service failed",
        mend: "Ask again later; name the value of instance when you report it.")
}
