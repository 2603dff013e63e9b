internal import Exchange
internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// Files that come in pieces, by tus 1.0: core, creation, expiration, checksum and termination.
struct ResumableRoutes: WebRoutes {
    static let version = "1.0.0"
    static let extensions = "creation,expiration,checksum,termination"

    let book: UploadBook
    private var exchange: WebExchange { book.exchange }
    private var writing: FileWriting { FileWriting(book: book) }

    var routes: [WebRoute] {
        let files = "/v1/uploads/{ticket}/files"
        let file = files + "/{file}"
        return [
            describing(files, "describeResumable"),
            describing(file, "describeResumableFile"),
            route(.post, files, .createFile, create),
            route(.head, file, .showFile, show),
            route(.patch, file, .appendToFile, append),
            route(.delete, file, .removeFile, remove),
        ]
    }

    private func describing(_ path: String, _ name: String) -> WebRoute {
        WebRoute(.options, path, admits: .anyone, operation: .describeResumable(name), respond: describe)
    }

    /// Every answer but to OPTIONS names the version, and every request must (tus 1.0, Tus-Resumable).
    private func route(
        _ method: HTTPRequest.Method, _ path: String, _ operation: WebOperation,
        _ respond: @escaping @Sendable (Request, WebContext, WebCaller) async throws -> Response
    ) -> WebRoute {
        WebRoute(method, path, admits: .callers(.send), operation: operation) { request, context in
            do {
                guard request.headers[.tusResumable] == ResumableRoutes.version else {
                    var problem = Problem(.tusVersion, "Tus-Resumable must be \(ResumableRoutes.version).")
                    problem.headers[.tusVersion] = ResumableRoutes.version
                    throw problem
                }
                var response = try await answering(context) {
                    try await respond(request, context, context.provenCaller)
                }
                response.headers[.tusResumable] = ResumableRoutes.version
                return response
            } catch var problem as Problem {
                problem.headers[.tusResumable] = ResumableRoutes.version
                throw problem
            }
        }
    }

    @Sendable private func describe(_ request: Request, _ context: WebContext) -> Response {
        Response(
            status: .noContent,
            headers: [
                .tusVersion: ResumableRoutes.version, .tusExtension: ResumableRoutes.extensions,
                .tusMaxSize: String(exchange.bounds.fileSize), .tusChecksumAlgorithm: "sha1,sha256",
            ])
    }

    @Sendable private func create(
        _ request: Request, _ context: WebContext, _ caller: WebCaller
    ) async throws -> Response {
        let ticket = try request.ticket(context)
        guard let length = request.headers[.uploadLength].flatMap({ UInt64(digits: $0) }) else {
            throw Problem.malformed("Upload-Length must be the bytes of the file; it cannot be given later.")
        }
        guard length <= exchange.bounds.fileSize else {
            throw Problem.tooLarge("A file has at most \(exchange.bounds.fileSize) bytes.")
        }
        guard let file = UploadMetadata(request.headers[.uploadMetadata] ?? "")?.fileName else {
            throw Problem.malformed("Upload-Metadata must have the key filename with a name in base64.")
        }
        return try await writing.holding(file, of: UploadsInHand.NamedSet(ticket, of: caller)) {
            let (upload, end) = try await exchange.threads.run { [book] in
                try book.change(ticket, of: caller) { entry in
                    try book.require(file, in: entry)
                    guard entry.note[file] == nil else { throw SetComposition.Refusal.twice(file) }
                    let upload = try entry.consignment.upload(file, mode: .replace(exclusively: false))
                    entry.note[file] = length
                    return (upload, book.end(of: entry))
                }
            }
            try await exchange.threads.settled { upload.close(completion: $0) }
            return Response(
                status: .created,
                headers: [
                    .location: "/v1/uploads/\(ticket)/files/\(file.escaped)", .uploadExpires: end.httpDate,
                    .cacheControl: "no-store",
                ])
        }
    }

    @Sendable private func show(
        _ request: Request, _ context: WebContext, _ caller: WebCaller
    ) async throws -> Response {
        let ticket = try request.ticket(context)
        let file = try request.file(context)
        // While it is written, its size is not yet what the writer will be told.
        guard !book.hands.holds(file, of: UploadsInHand.NamedSet(ticket, of: caller)) else {
            throw Problem.locked
        }
        return try await exchange.threads.run { [book] in
            try book.change(ticket, of: caller) { entry in
                guard let length = entry.note[file] else { throw HomeFault.noSuchFile }
                return Response(
                    status: .ok,
                    headers: [
                        .uploadOffset: String(entry.size(file)), .uploadLength: String(length),
                        .uploadMetadata: UploadMetadata(fileName: file).field,
                        .uploadExpires: book.end(of: entry).httpDate, .cacheControl: "no-store",
                    ])
            }
        }
    }

    @Sendable private func append(
        _ request: Request, _ context: WebContext, _ caller: WebCaller
    ) async throws -> Response {
        let ticket = try request.ticket(context)
        let file = try request.file(context)
        guard request.bodyType?.value == "application/offset+octet-stream" else {
            throw Problem.unsupported("A piece of a file comes as application/offset+octet-stream.")
        }
        guard let offset = request.headers[.uploadOffset].flatMap({ UInt64(digits: $0) }) else {
            throw Problem.malformed("Upload-Offset must be the bytes that are there.")
        }
        let check = try request.headers[.uploadChecksum].map { field throws(Problem) in
            try BodyCheck(uploadChecksum: field)
        }
        return try await writing.holding(file, of: UploadsInHand.NamedSet(ticket, of: caller)) {
            let reception = try await exchange.threads.run { [book] in
                try book.change(ticket, of: caller) { entry in
                    guard let length = entry.note[file] else { throw HomeFault.noSuchFile }
                    guard entry.size(file) == offset else {
                        throw Problem.conflict("The file has \(entry.size(file)) bytes.")
                    }
                    try request.requireBody(upTo: length - min(length, offset))
                    let upload = try entry.consignment.upload(file, mode: .resume)
                    return FileReception(upload, at: offset, of: length, check: check)
                }
            }
            do {
                try await writing.write(request, context, into: reception)
            } catch let problem as Problem where problem.kind == .digestMismatch {
                throw Problem(.checksumMismatch, problem.detail)
            }
            let end = try await exchange.threads.run { [book] in
                try book.change(ticket, of: caller) { book.end(of: $0) }
            }
            return Response(
                status: .noContent,
                headers: [
                    .uploadOffset: String(reception.offset), .uploadExpires: end.httpDate,
                    .cacheControl: "no-store",
                ])
        }
    }

    @Sendable private func remove(
        _ request: Request, _ context: WebContext, _ caller: WebCaller
    ) async throws -> Response {
        let ticket = try request.ticket(context)
        let file = try request.file(context)
        return try await writing.holding(file, of: UploadsInHand.NamedSet(ticket, of: caller)) {
            try await exchange.threads.run { [book] in
                try book.change(ticket, of: caller) { try $0.remove(file) }
            }
            return Response(status: .noContent, headers: [.cacheControl: "no-store"])
        }
    }
}
