internal import Exchange
internal import HTTPTypes
internal import Hummingbird

/// Sets sent whole, in one request whose end stands for the GO, and what became of any set.
struct SetRoutes: WebRoutes {
    private let exchange: WebExchange
    private let marks: InHand<HandoverMark>
    private let answer: SetAnswer

    init(_ exchange: WebExchange, marks: InHand<HandoverMark>) {
        self.exchange = exchange
        self.marks = marks
        answer = SetAnswer(exchange: exchange)
    }

    var routes: [WebRoute] {
        [
            WebRoute(.post, "/v1/sets", admits: .callers(.send), operation: .sendSet) { request, context in
                try await answering(context) { try await receive(request, context) }
            },
            WebRoute(.get, "/v1/sets/{ticket}", admits: .callers(.consult), operation: .showSet) {
                request, context in
                try await answering(context) {
                    try await answer.shown(
                        request.ticket(context), to: context.provenCaller, request, context)
                }
            },
        ]
    }

    private func receive(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.provenCaller
        let boundary = try SetRoutes.boundary(of: request)
        guard let key = try IdempotencyKey(of: request, from: caller.sender) else {
            try exchange.requireWanted(caller.sender)
            let reception = SetReception(exchange, from: caller, boundary: boundary, isKept: true)
            let ticket = try await seal(reception, request, context, mark: nil)
            return try await answer.created(ticket, for: caller, isReplayed: false, request, context)
        }
        return try await marks.holding(key.mark) {
            let (ticket, isReplayed) = try await receive(
                request, context, boundary, marked: key.mark)
            return try await answer.created(ticket, for: caller, isReplayed: isReplayed, request, context)
        }
    }

    /// A request with a key is read also when it is known already: only its files tell whether it is the same one.
    private func receive(
        _ request: Request, _ context: WebContext, _ boundary: MultipartBoundary, marked mark: HandoverMark
    ) async throws -> (Ticket, isReplayed: Bool) {
        let caller = try context.provenCaller
        let earlier = try await exchange.threads.run { [exchange] in try exchange.intake.handedOver(mark) }
        if earlier == nil { try exchange.requireWanted(caller.sender) }
        let reception = SetReception(exchange, from: caller, boundary: boundary, isKept: earlier == nil)
        guard let earlier else {
            return (try await seal(reception, request, context, mark: mark), false)
        }
        let whole = try await read(request, context, into: reception)
        guard whole.fingerprint == earlier.fingerprint else { throw Problem.idempotencyMismatch }
        return (earlier.ticket, true)
    }

    /// Reads the request and seals what it brought; whatever goes wrong, nothing stays.
    private func seal(
        _ reception: SetReception, _ request: Request, _ context: WebContext, mark: HandoverMark?
    ) async throws -> Ticket {
        do {
            let whole = try await read(request, context, into: reception)
            guard let consignment = whole.consignment else { throw SetComposition.Refusal.nothing }
            try await exchange.threads.settled {
                consignment.seal(
                    as: whole.name, hasTrigger: true, mark: mark.map { ($0, fingerprint: whole.fingerprint) },
                    completion: $0)
            }
            return consignment.ticket
        } catch {
            try? await exchange.threads.run { reception.discard() }
            throw error
        }
    }

    private func read(
        _ request: Request, _ context: WebContext, into reception: SetReception
    ) async throws -> SetReception.Whole {
        try await request.takeBody { piece in
            let ended = try await exchange.threads.run { try reception.take(piece) }
            for upload in ended {
                try await exchange.threads.settled { upload.close(completion: $0) }
            }
        }
        let whole = try await exchange.threads.run { try reception.finish() }
        _ = try await context.callerStillProven
        return whole
    }

    private static func boundary(of request: Request) throws -> MultipartBoundary {
        guard let type = request.bodyType, MultipartBoundary.mediaTypes.contains(type.value) else {
            throw Problem.unsupported("A set comes as multipart/form-data or multipart/mixed.")
        }
        guard let boundary = type.parameters["boundary"].flatMap({ MultipartBoundary($0) }) else {
            throw MultipartFault.boundary
        }
        return boundary
    }
}
