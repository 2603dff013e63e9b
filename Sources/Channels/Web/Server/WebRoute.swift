internal import Hummingbird

/// One operation of the service: how it is reached, whom it admits, what it does and how it is described. What is
/// mounted and what the OpenAPI document says are made from the same value.
struct WebRoute: Sendable {
    enum Admission: Sendable, Hashable {
        /// No proof is asked for.
        case anyone
        /// A caller with this right for at least one application; `context.caller` is set.
        case callers(WebScope.Right)
    }

    let method: HTTPRequest.Method
    /// As OpenAPI writes it: `/v1/sets/{ticket}`.
    let path: String
    let admission: Admission
    let operation: WebOperation
    let respond: @Sendable (Request, WebContext) async throws -> Response

    init(
        _ method: HTTPRequest.Method, _ path: String, admits admission: Admission, operation: WebOperation,
        respond: @escaping @Sendable (Request, WebContext) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.admission = admission
        self.operation = operation
        self.respond = respond
    }
}

/// A group of routes that belong together. The server mounts them: a caller of another right, or none, never
/// reaches `respond`.
protocol WebRoutes: Sendable {
    var routes: [WebRoute] { get }
}
