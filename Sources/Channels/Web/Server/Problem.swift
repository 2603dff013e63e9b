internal import Exchange
internal import HTTPTypes
internal import Hummingbird

/// Why a request was not granted, as the caller is told: RFC 9457, with the members `code` and `codes`.
struct Problem: HTTPResponseError {
    let kind: ProblemKind
    /// What is wrong with this request: one English sentence without unescaped bytes of the peer.
    let detail: String
    /// Reception codes a set would be refused with.
    var mentions: [Mention] = []
    var headers: HTTPFields = [:]

    /// A reception code, and the file it is about.
    struct Mention: Sendable, Hashable {
        let code: ReceptionCode
        let file: FileName?

        init(_ code: ReceptionCode, file: FileName? = nil) {
            self.code = code
            self.file = file
        }
    }

    init(_ kind: ProblemKind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    var status: HTTPResponse.Status { kind.status }

    func response(from request: Request, context: some RequestContext) -> Response {
        response(in: Language(accepted: request.headers[.acceptLanguage]), request: context.id)
    }

    /// - Parameter request: what the log knows the request by.
    func response(in language: Language, request: String) -> Response {
        let (fields, document) = content(in: language, request: request)
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: document))
    }

    /// Header fields, `Content-Length` among them, and body.
    func content(in language: Language, request: String) -> (HTTPFields, ByteBuffer) {
        let bytes = ByteBuffer(string: document(in: language, request: request).text)
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.contentLength] = String(bytes.readableBytes)
        fields[.cacheControl] = "no-store"
        if !mentions.isEmpty { fields[.contentLanguage] = language.rawValue }
        return (fields, bytes)
    }

    /// The document that is sent.
    func document(in language: Language, request: String) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("type", .string(kind.type)), ("title", .string(kind.title)),
            ("status", .integer(Int64(status.code))), ("detail", .string(detail)),
            ("instance", .string("urn:ecluse:request:\(request)")), ("code", .string(kind.word)),
        ]
        if !mentions.isEmpty { members.append(("codes", .array(mentions.map { $0.json(in: language) }))) }
        return .object(members)
    }
}

extension Problem.Mention {
    func json(in language: Language) -> JSONValue {
        [
            "code": .string("ACRF-\(code.rawValue)"), "sentence": .string(code.sentence(in: language)),
            "mend": .string(code.mend(in: language)), "file": file.map { .string($0.escaped) } ?? nil,
        ]
    }
}

extension Problem {
    static func malformed(_ detail: String) -> Problem { Problem(.malformed, detail) }

    /// - Parameter error: `invalid_token` when a token was there (RFC 6750 section 3.1); nil when none was.
    static func unauthenticated(_ detail: String, error: String? = nil) -> Problem {
        var problem = Problem(.unauthenticated, detail)
        problem.headers[.wwwAuthenticate] =
            "Bearer realm=\"ecluse\"" + (error.map { ", error=\"\($0)\"" } ?? "")
        return problem
    }

    static func forbidden(_ detail: String) -> Problem { Problem(.forbidden, detail) }

    static func notFound(_ detail: String) -> Problem { Problem(.notFound, detail) }

    static func conflict(_ detail: String) -> Problem { Problem(.conflict, detail) }

    static func tooLarge(_ detail: String) -> Problem { Problem(.tooLarge, detail) }

    static func unsupported(_ detail: String) -> Problem { Problem(.unsupported, detail) }

    static func unprocessable(_ detail: String, _ mentions: [Mention]) -> Problem {
        var problem = Problem(.unprocessable, detail)
        problem.mentions = mentions
        return problem
    }

    /// - Parameter seconds: until it is worth asking again; at least 1 is said.
    static func tooMany(_ detail: String, retryAfter seconds: Int) -> Problem {
        Problem(.tooMany, detail).retrying(after: seconds)
    }

    static func unavailable(_ detail: String, retryAfter seconds: Int) -> Problem {
        Problem(.unavailable, detail).retrying(after: seconds)
    }

    private func retrying(after seconds: Int) -> Problem {
        var problem = self
        problem.headers[.retryAfter] = String(max(1, seconds))
        return problem
    }
}
