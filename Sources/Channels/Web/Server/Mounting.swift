internal import Exchange
internal import Hummingbird
internal import NIOCore

extension RouteTable {
    /// A router with these routes behind their admission. HEAD is taken wherever GET is (RFC 9110 section 9.1).
    func mounted(under limits: WebLimits, behind access: Access) -> Router<WebContext> {
        let admission = Admission(
            access: access, rate: RequestRate(perSecond: limits.requestsPerSender, burst: limits.burst),
            limits: limits)
        let door = FrontDoor(
            routes: self, rate: RequestRate(perSecond: limits.requestsPerAddress, burst: limits.burst))
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: door)
        for route in routes {
            router.on(RouterPath(stringLiteral: route.path), method: route.method) { request, context in
                try await route.respond(request, admission.admit(request, to: route, context))
            }
        }
        return router
    }
}

/// Who may go on to a route, and with how large a body.
struct Admission: Sendable {
    let access: Access
    let rate: RequestRate<SenderNumber>
    let limits: WebLimits

    /// The context of the route: with its caller, where it admits callers only.
    func admit(_ request: Request, to route: WebRoute, _ context: WebContext) async throws -> WebContext {
        var context = context
        var bound = WebLimits.strangersBodyBytes
        if case .callers(let right) = route.admission {
            let caller = try await access.caller(of: request, context, at: access.now())
            if let seconds = rate.take(for: caller.sender, at: WebClock.now()) {
                throw Problem.tooMany(
                    "Too many requests of this sender.", retryAfter: Int(seconds.rounded(.up)))
            }
            try Admission.require(right, of: caller)
            context.connection.prove()
            context.callerNow = again(caller, right, request, context)
            context.caller = caller
            bound = limits.bodyBytes
        }
        guard route.operation.body != nil else { return context }
        if let announced = request.headers[.contentLength].flatMap({ Int($0) }), announced > bound {
            throw Problem.tooLarge("The body has more than \(bound) bytes.")
        }
        try await context.channel.triggerUserOutboundEvent(RequestGuard.BodyWanted(bytes: bound)).get()
        return context
    }

    /// What was revoked ends requests under way. A token that runs out does not: it was good when they came, and a
    /// body may last longer than it.
    private func again(
        _ caller: WebCaller, _ right: WebScope.Right, _ request: Request, _ context: WebContext
    ) -> @Sendable () async throws -> WebCaller {
        let arrival = access.now()
        return { [access] in
            let now = try await access.caller(of: request, context, at: arrival)
            guard now.sender == caller.sender else {
                throw Problem.unauthenticated("The certificate that was shown is another sender's now.")
            }
            try Admission.require(right, of: now)
            return now
        }
    }

    private static func require(_ right: WebScope.Right, of caller: WebCaller) throws(Problem) {
        guard !caller.applications(for: right).isEmpty else {
            throw .forbidden("This takes the right to \(right.rawValue) sets of an application.")
        }
    }
}
