internal import Exchange
internal import HTTPTypes
internal import Hummingbird

/// How a request's body gets into one file of a set.
struct FileWriting: Sendable {
    let book: UploadBook
    private var exchange: WebExchange { book.exchange }

    /// What `body` returns, while no other request writes the file.
    func holding<Value>(
        _ file: FileName, of set: UploadsInHand.NamedSet, _ body: () async throws -> Value
    ) async throws -> Value {
        guard book.hands.take(file, of: set) else { throw Problem.locked }
        defer { book.hands.giveBack(file, of: set) }
        return try await body()
    }

    /// Takes the whole body, or as much as comes of it, and closes the file unless the body was not the one promised.
    func write(_ request: Request, _ context: WebContext, into reception: FileReception) async throws {
        do {
            try await request.takeBody { piece in
                try await exchange.threads.run { try reception.take(piece) }
            }
            _ = try await context.callerStillProven
        } catch {
            try? await exchange.threads.run { reception.breakOff() }
            throw error
        }
        guard reception.isGenuine else {
            try await exchange.threads.run { reception.takeBack() }
            throw Problem(.digestMismatch, "The bytes do not have the digest that came with them.")
        }
        try await exchange.threads.settled { reception.upload.close(completion: $0) }
    }
}

extension Problem {
    static let locked: Problem = {
        var problem = Problem(.locked, "Another request writes this file or closes this set.")
        problem.headers[.retryAfter] = "1"
        return problem
    }()
}

extension ProblemKind {
    static let locked = ProblemKind(
        "locked", HTTPResponse.Status(code: 423, reasonPhrase: "Locked"), "Another request holds this",
        mend: "Wait for the other request to end; a connection that broke is noticed after a while.")
    static let digestMismatch = ProblemKind(
        "digest-mismatch", .badRequest, "The bytes are not those that were announced",
        mend: "Send the bytes again: they changed on their way, and were not kept.")
    static let incomplete = ProblemKind(
        "incomplete", .conflict, "Files of the set are not complete",
        mend: "Ask what is there, and send the rest of each file, or remove it.")
}
