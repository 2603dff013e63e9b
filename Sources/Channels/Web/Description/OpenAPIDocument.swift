internal import HTTPTypes

/// The description of the service in OpenAPI 3.1, made from the very routes that are mounted.
struct OpenAPIDocument {
    let routes: [WebRoute]

    init(_ routes: [WebRoute]) {
        self.routes = routes
    }

    /// - Parameter server: the address of the service.
    func json(server: String) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Écluse, web service", "version": "1",
                "description": .string(OpenAPIDocument.introduction),
                "license": ["name": "See the project"],
            ],
            "servers": [["url": .string(server)]],
            "paths": paths,
            "components": [
                "schemas": ["Problem": OpenAPIDocument.problemSchema],
                "securitySchemes": securitySchemes,
            ],
        ]
    }

    static let introduction = """
        Takes in sets of signed declarations and gives out their answers. Every refusal is a problem document of RFC \
        9457, whose member code is stable; refusals of the token resource are those of RFC 6749.
        """

    private var paths: JSONValue {
        var order: [String] = []
        var operations: [String: [(String, JSONValue)]] = [:]
        for route in routes {
            if operations[route.path] == nil { order.append(route.path) }
            operations[route.path, default: []].append((route.method.rawValue.lowercased(), json(of: route)))
        }
        return .object(order.map { ($0, .object(operations[$0] ?? [])) })
    }

    private func json(of route: WebRoute) -> JSONValue {
        let operation = route.operation
        var members: [(String, JSONValue)] = [
            ("operationId", .string(operation.name)), ("summary", .string(operation.summary)),
            ("description", .string(operation.details)),
        ]
        if !operation.parameters.isEmpty {
            members.append(("parameters", .array(operation.parameters.map(\.json))))
        }
        if let body = operation.body {
            members.append(("requestBody", ["required": .boolean(body.isRequired), "content": body.json]))
        }
        members.append(("responses", responses(of: route)))
        members.append(("security", security(of: route)))
        return .object(members)
    }

    private func responses(of route: WebRoute) -> JSONValue {
        var members = route.operation.answers.map { (String($0.status.code), $0.json) }
        let answered = Set(members.map(\.0))
        for status in Set(route.problems.map(\.status.code)).sorted() where !answered.contains(String(status))
        {
            let kinds = route.problems.filter { $0.status.code == status }
            members.append((String(status), problem(kinds)))
        }
        return .object(members)
    }

    private func problem(_ kinds: [ProblemKind]) -> JSONValue {
        let lines = kinds.map { "`\($0.word)`: \($0.title)." }
        return [
            "description": .string(lines.joined(separator: "\n\n")),
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
        ]
    }

    private func security(of route: WebRoute) -> JSONValue {
        guard case .callers(let right) = route.admission else { return [] }
        return [
            ["token": [.string(WebScope(right, for: "{application}").description)]],
            ["certificate": []],
        ]
    }

    private var securitySchemes: JSONValue {
        let scopes = WebScope.Right.allCases.map { right in
            (WebScope(right, for: "{application}").description, JSONValue.string(right.meaning))
        }
        return [
            "token": [
                "type": "oauth2",
                "description": "An access token, asked for with a signed assertion.",
                "flows": [
                    "clientCredentials": [
                        "tokenUrl": .string(PublicAddress.tokenPath), "scopes": .object(scopes),
                    ]
                ],
            ],
            "certificate": [
                "type": "mutualTLS",
                "description":
                    "A certificate registered for the sender's web channel, shown in the TLS handshake.",
            ],
        ]
    }
}

extension WebScope.Right {
    /// For people.
    var meaning: String {
        switch self {
        case .send: "Handing over sets of the application."
        case .consult: "Reading what became of sets of the application, and their answers."
        }
    }
}
