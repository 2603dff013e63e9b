internal import Exchange
internal import HTTPTypes
internal import Hummingbird

extension IdempotencyKey {
    /// Nil when the request has no key.
    init?(of request: Request, from sender: SenderNumber) throws(Problem) {
        let keys = request.headers[values: .idempotencyKey]
        guard let text = keys.first else { return nil }
        guard keys.count == 1, let key = IdempotencyKey(text, of: sender) else {
            throw .malformed("Idempotency-Key must be one of 1 to 200 printable characters of ASCII.")
        }
        self = key
    }
}

extension InHand<HandoverMark> {
    /// What `body` returns, while nobody else answers a request of this mark.
    func holding<Value>(_ mark: HandoverMark, _ body: () async throws -> Value) async throws -> Value {
        guard take(mark) else {
            var problem = Problem.conflict("A request with this Idempotency-Key is being answered.")
            problem.headers[.retryAfter] = "1"
            throw problem
        }
        defer { giveBack(mark) }
        return try await body()
    }
}

extension Problem {
    static let idempotencyMismatch = Problem(
        .idempotencyMismatch, "The Idempotency-Key was used for another request, with other files.")
}

extension ProblemKind {
    static let idempotencyMismatch = ProblemKind(
        "idempotency-mismatch", .unprocessableContent, "The key was used for another request",
        mend: "Give every set a key of its own, and repeat a request with the files it had.")
}
