internal import Exchange
internal import HTTPTypes
internal import Hummingbird

/// The answers of a sender: listed, fetched, confirmed, removed.
struct AnswerRoutes: WebRoutes {
    private let exchange: WebExchange
    private let pages: AnswerPages

    init(_ exchange: WebExchange) {
        self.exchange = exchange
        pages = AnswerPages(exchange)
    }

    var routes: [WebRoute] {
        let answer = "/v1/answers/{id}"
        return [
            route(.get, "/v1/answers", .listAnswers, list),
            route(.get, answer, .showAnswer, show),
            route(.get, answer + "/FO", .fetchAnswer) { try await fetch(.answer, $0, $1) },
            route(.get, answer + "/FS", .fetchSignature) { try await fetch(.signature, $0, $1) },
            route(.post, answer + "/confirmation", .confirmAnswer, confirm),
            route(.delete, answer, .removeAnswer, remove),
        ]
    }

    private func route(
        _ method: HTTPRequest.Method, _ path: String, _ operation: WebOperation,
        _ respond: @escaping @Sendable (Request, WebContext) async throws -> Response
    ) -> WebRoute {
        WebRoute(method, path, admits: .callers(.consult), operation: operation) { request, context in
            try await answering(context) { try await respond(request, context) }
        }
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.provenCaller
        let query = try AnswerQuery(request.uri.queryParameters)
        var headers: HTTPFields = [.vary: "Prefer"]
        let page = try await exchange.waiting.seating(caller.sender, request.preference) { granted in
            headers[.preferenceApplied] = granted.applied
            return try await pages.page(of: query, for: context, waiting: granted.wait)
        }
        if !page.isLast { headers[.link] = "<\(query.next(after: page.cursor))>; rel=\"next\"" }
        return try .json(AnswerPage(page), headers: headers)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let (answer, stem) = try await answer(request, context)
        let files = try await exchange.threads.run { [exchange] in
            let home = try exchange.homes.home(of: answer.sender, over: .web)
            return try AnswerFileKind.allCases.compactMap { kind -> AnswerRepresentation.File? in
                guard let name = stem.file(kind) else { return nil }
                do {
                    let entry = try home.entry(named: name, in: answer.mailbox)
                    return AnswerRepresentation.File(
                        kind: kind.rawValue, name: name.escaped, size: entry.size,
                        location: "/v1/answers/\(stem.text)/\(kind.rawValue)")
                } catch HomeFault.noSuchFile {
                    return nil
                }
            }
        }
        let document = AnswerRepresentation(answer, files: files)
        let tag = EntityTag(of: try JSONDocument.bytes(document))
        guard !tag.isIn(request.headers[.ifNoneMatch]) else {
            return Response(
                status: .notModified, headers: [.eTag: tag.description, .cacheControl: "no-store"])
        }
        return try .json(document, headers: [.eTag: tag.description])
    }

    private func fetch(
        _ kind: AnswerFileKind, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let (answer, stem) = try await answer(request, context)
        guard let name = stem.file(kind) else { throw HomeFault.noSuchFile }
        return try await AnswerFile(name: name, kind: kind, answer: answer, exchange: exchange).response(
            to: request)
    }

    @Sendable private func confirm(_ request: Request, _ context: WebContext) async throws -> Response {
        let (answer, _) = try await answer(request, context)
        try await exchange.threads.run { [exchange] in try exchange.shelf.confirm(answer) }
        return Response(status: .noContent)
    }

    @Sendable private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
        let (answer, _) = try await answer(request, context)
        try await exchange.threads.run { [exchange] in try exchange.shelf.remove(answer) }
        return Response(status: .noContent)
    }

    /// The answer in the path, when it is the caller's to consult. That is enough to confirm and to remove it: both
    /// say that the sender has it.
    private func answer(
        _ request: Request, _ context: WebContext
    ) async throws -> (ShelvedAnswer, AnswerStem) {
        let caller = try context.provenCaller
        guard let stem = context.parameters.get("id").flatMap(AnswerStem.init) else {
            throw Problem.notFound("There is no such answer.")
        }
        let answer = try await exchange.threads.run { [exchange] in
            let answer = try exchange.shelf.answer(stem.text, of: caller.sender)
            if let answer { try exchange.requireConsulting(answer, by: caller) }
            return answer
        }
        guard let answer else { throw Problem.notFound("There is no such answer.") }
        return (answer, stem)
    }
}
