internal import Exchange
internal import HTTPTypes
internal import Hummingbird
internal import ServiceLifecycle

/// How a set is shown, after it was sent and whenever its sender asks.
struct SetAnswer: Sendable {
    let exchange: WebExchange

    /// `201 Created`, with the set as it stands once the wait that was asked for is over.
    func created(
        _ ticket: Ticket, for caller: WebCaller, isReplayed: Bool, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let granted = await answered(ticket, of: caller, request.preference)
        var headers = headers(granted, context)
        headers[.location] = "/v1/sets/\(ticket)"
        if isReplayed { headers[.idempotencyReplayed] = "true" }
        // The set is promised whether or not it can be shown. Who waited may have lost the right to see it.
        guard let caller = granted == .none ? caller : try? await context.callerStillProven,
            let report = try? await report(on: ticket, of: caller)
        else {
            return Response(status: .created, headers: headers)
        }
        return try .json(
            SetRepresentation(report, in: context.language), status: .created, headers: headers)
    }

    /// The set, or `304` when the caller has this very representation.
    func shown(
        _ ticket: Ticket, to caller: WebCaller, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        guard let first = try await report(on: ticket, of: caller) else {
            throw Problem.notFound("The sender has no set of this ticket.")
        }
        try exchange.require(.consult, of: caller, for: first.set)
        let granted = await answered(ticket, of: caller, request.preference)
        var report = first
        if granted != .none {
            try await exchange.require(.consult, of: context.callerStillProven, for: first.set)
            report = try await self.report(on: ticket, of: caller) ?? first
        }
        let document = SetRepresentation(report, in: context.language)
        let tag = EntityTag(of: try JSONDocument.bytes(document))
        var headers = headers(granted, context)
        headers[.eTag] = tag.description
        guard !tag.isIn(request.headers[.ifNoneMatch]) else {
            headers[.cacheControl] = "no-store"
            return Response(status: .notModified, headers: headers)
        }
        return try .json(document, headers: headers)
    }

    private func headers(_ preference: Preference, _ context: WebContext) -> HTTPFields {
        var headers: HTTPFields = [
            .contentLanguage: context.language.rawValue, .vary: "Accept-Language, Prefer",
        ]
        headers[.preferenceApplied] = preference.applied
        return headers
    }

    private func report(on ticket: Ticket, of caller: WebCaller) async throws -> SetReport? {
        try await exchange.threads.run { [exchange] in
            try exchange.reports.report(on: ticket, of: caller.sender)
        }
    }

    /// Waits as long as was asked for and is granted, and no longer once the service is stopping.
    private func answered(_ ticket: Ticket, of caller: WebCaller, _ preference: Preference) async
        -> Preference
    {
        await exchange.waiting.seating(caller.sender, preference) { granted in
            if let seconds = granted.wait { await answered(ticket, within: seconds) }
            return granted
        }
    }

    private func answered(_ ticket: Ticket, within seconds: Int) async {
        let occasion = Occasion()
        let begun: Void? = try? await exchange.threads.run { [exchange] in
            exchange.reports.whenAnswered(ticket, within: Double(seconds)) { occasion.come() }
        }
        guard begun != nil else { return }
        await withGracefulShutdownHandler {
            await occasion.wait()
        } onGracefulShutdown: {
            occasion.come()
        }
    }
}
