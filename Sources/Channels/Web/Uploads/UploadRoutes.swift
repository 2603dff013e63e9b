internal import Exchange
internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// Sets that come file by file, and are handed over when they are closed.
struct UploadRoutes: WebRoutes {
    private let book: UploadBook
    private let writing: FileWriting
    private let closing: UploadClosing
    private let resumable: ResumableRoutes
    private var exchange: WebExchange { book.exchange }

    init(_ exchange: WebExchange, marks: InHand<HandoverMark>) {
        book = UploadBook(exchange: exchange)
        writing = FileWriting(book: book)
        closing = UploadClosing(book: book, marks: marks)
        resumable = ResumableRoutes(book: book)
    }

    var routes: [WebRoute] {
        [
            route(.post, "/v1/uploads", .beginUpload, begin),
            route(.get, "/v1/uploads/{ticket}", .showUpload, show),
            route(.delete, "/v1/uploads/{ticket}", .cancelUpload, cancel),
            route(.put, "/v1/uploads/{ticket}/{file}", .putFile, put),
            route(.post, "/v1/uploads/{ticket}/close", .closeUpload, closing.close),
        ] + resumable.routes
    }

    private func route(
        _ method: HTTPRequest.Method, _ path: String, _ operation: WebOperation,
        _ respond: @escaping @Sendable (Request, WebContext) async throws -> Response
    ) -> WebRoute {
        WebRoute(method, path, admits: .callers(.send), operation: operation) { request, context in
            try await answering(context) { try await respond(request, context) }
        }
    }

    private struct NewUpload: Decodable {
        let name: String
    }

    @Sendable private func begin(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.provenCaller
        try exchange.requireWanted(caller.sender)
        guard request.bodyType?.value == "application/json" else {
            throw Problem.unsupported("The body is a JSON object with the member name.")
        }
        try request.requireBody(upTo: 4096)
        guard let body = try? await request.body.collect(upTo: 4096),
            let new = try? JSONDecoder().decode(NewUpload.self, from: Data(body.readableBytesView))
        else {
            throw Problem.malformed(
                "The body is no JSON object with the member name, or has over 4096 bytes.")
        }
        let upload = try await exchange.threads.run { [book] in
            let entry = try book.begin(new.name, from: caller)
            return UploadRepresentation(entry, expiresAt: book.end(of: entry))
        }
        return try .json(upload, status: .created, headers: [.location: "/v1/uploads/\(upload.ticket)"])
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.provenCaller
        let ticket = try request.ticket(context)
        let upload = try await exchange.threads.run { [book] in
            try book.change(ticket, of: caller) { UploadRepresentation($0, expiresAt: book.end(of: $0)) }
        }
        return try .json(upload)
    }

    /// Does what a TD does on other channels.
    @Sendable private func cancel(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.provenCaller
        let ticket = try request.ticket(context)
        let set = UploadsInHand.NamedSet(ticket, of: caller)
        guard book.hands.takeWhole(set) else { throw Problem.locked }
        defer { book.hands.giveBackWhole(set) }
        try await exchange.threads.run { [book] in
            try book.change(ticket, of: caller) { $0.consignment.discard() }
        }
        return Response(status: .noContent)
    }

    /// The length is noted before the first byte: what is missing after a break is known to be missing, and can be
    /// brought by `PATCH`.
    @Sendable private func put(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.provenCaller
        let ticket = try request.ticket(context)
        let file = try request.file(context)
        try request.requireBody(upTo: exchange.bounds.fileSize)
        guard let length = request.announcedSize else {
            throw Problem(.lengthRequired, "The length is not announced.")
        }
        let check = try request.headers[.contentDigest].flatMap { field throws(Problem) in
            try BodyCheck(contentDigest: field)
        }
        return try await writing.holding(file, of: UploadsInHand.NamedSet(ticket, of: caller)) {
            let (reception, isNew) = try await exchange.threads.run { [book] in
                try book.change(ticket, of: caller) { entry in
                    try book.require(file, in: entry)
                    let isNew = entry.note[file] == nil
                    let upload = try entry.consignment.upload(file, mode: .replace(exclusively: false))
                    entry.note[file] = length
                    return (FileReception(upload, at: 0, of: length, check: check), isNew)
                }
            }
            do {
                try await writing.write(request, context, into: reception)
            } catch let problem as Problem where problem.kind == .digestMismatch {
                try await exchange.threads.run { [book] in
                    try book.change(ticket, of: caller) { try $0.remove(file) }
                }
                throw problem
            }
            guard reception.offset == length else {
                throw Problem.malformed("The body ended before its length.")
            }
            let shown = try await exchange.threads.run { [book] in
                try book.change(ticket, of: caller) { UploadRepresentation.File(file, of: $0) }
            }
            return try .json(shown, status: isNew ? .created : .ok, headers: [.location: shown.location])
        }
    }
}

extension Request {
    /// The file in the path, percent-decoded once.
    func file(_ context: WebContext) throws -> FileName {
        guard let name = context.parameters.get("file").flatMap({ FileName(escaped: $0) }) else {
            throw Problem.notFound("There is no such file.")
        }
        return name
    }
}

extension ProblemKind {
    static let lengthRequired = ProblemKind(
        "length-required", .lengthRequired, "The length of the body is not announced",
        mend: "Send Content-Length: whether a file came whole is known by it.")
}
