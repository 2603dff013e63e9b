internal import HTTPTypes
internal import Hummingbird

/// The resources by which programs get access tokens.
struct TokenRoutes: WebRoutes {
    private static let formType = "application/x-www-form-urlencoded"

    let desk: TokenDesk

    var routes: [WebRoute] {
        [
            WebRoute(.post, PublicAddress.tokenPath, admits: .anyone, operation: .giveToken) {
                request, context in
                try await token(request, context)
            },
            WebRoute(
                .get, "/.well-known/oauth-authorization-server", admits: .anyone, operation: .describeTokens
            ) { _, _ in
                Response.json(metadata, cached: "no-store")
            },
        ]
    }

    private func token(_ request: Request, _ context: WebContext) async throws -> Response {
        let type = request.headers[.contentType] ?? ""
        guard type.prefix(while: { $0 != ";" }).lowercased().trimmed == TokenRoutes.formType else {
            throw Problem.unsupported("A token is asked for with a body of \(TokenRoutes.formType).")
        }
        var request = request
        let body = try await request.collectBody(upTo: WebLimits.strangersBodyBytes)
        guard let form = FormFields(body.readableBytesView) else {
            throw TokenRefusal(.invalidRequest, "The body is no form, or a field comes twice.")
        }
        let grant = try await desk.grant(form, context)
        return Response.json(
            [
                "access_token": .string(grant.token), "token_type": "Bearer",
                "expires_in": .integer(Int64(grant.life)),
                "scope": .string(grant.scope),
            ], cached: "no-store")
    }

    /// RFC 8414 section 2.
    private var metadata: JSONValue {
        let address = desk.access.address
        return [
            "issuer": .string(address.url), "token_endpoint": .string(address.tokenURL),
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": .array(
                AssertionAlgorithm.allCases.map { .string($0.rawValue) }),
            "service_documentation": .string(address.url + "/v1/docs"),
        ]
    }
}

extension Response {
    /// A document that is written already.
    ///
    /// - Parameter cached: the field `Cache-Control`.
    static func json(_ document: JSONValue, cached: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: cached],
            body: ResponseBody(byteBuffer: ByteBuffer(string: document.text)))
    }
}
