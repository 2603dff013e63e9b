internal import HTTPTypes

extension WebOperation.Parameter {
    var json: JSONValue {
        [
            "name": .string(name), "in": .string(place.rawValue), "description": .string(details),
            "required": .boolean(isRequired || place == .path), "schema": schema,
        ]
    }
}

extension WebOperation.Content {
    /// The member `content`.
    var json: JSONValue {
        var members: [(String, JSONValue)] = [("schema", schema)]
        if let example { members.append(("example", example)) }
        if let encoding { members.append(("encoding", encoding)) }
        return .object([(mediaType, .object(members))])
    }
}

extension WebOperation.Answer {
    var json: JSONValue {
        var members: [(String, JSONValue)] = [("description", .string(details))]
        if !headers.isEmpty {
            let fields = headers.map {
                ($0.name, ["description": .string($0.details), "schema": $0.schema] as JSONValue)
            }
            members.append(("headers", .object(fields)))
        }
        if let content { members.append(("content", content.json)) }
        return .object(members)
    }
}

extension WebRoute {
    /// What may go wrong, over and above the answers of the operation.
    var problems: [ProblemKind] {
        var kinds: [ProblemKind] = [
            .malformed, .targetTooLong, .expectationFailed, .headersTooLarge, .tooSlow,
        ]
        if case .callers = admission { kinds += [.unauthenticated, .forbidden] }
        kinds += operation.body == nil ? [.unsupported] : [.tooLarge, .unsupported]
        kinds += operation.problems.filter { !kinds.contains($0) }
        return kinds + [.tooMany, .fault, .unavailable].filter { !kinds.contains($0) }
    }
}

extension OpenAPIDocument {
    static let problemSchema: JSONValue = [
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": [
            "type": ["type": "string", "format": "uri-reference"],
            "title": ["type": "string"],
            "status": ["type": "integer", "minimum": 400, "maximum": 599],
            "detail": ["type": "string"],
            "instance": ["type": "string", "description": "What the operator finds the request by."],
            "code": ["type": "string", "description": "The kind of problem; stable."],
            "codes": [
                "type": "array",
                "description": "Reception codes, in the language asked for by Accept-Language.",
                "items": [
                    "type": "object", "required": ["code", "sentence", "mend", "file"],
                    "properties": [
                        "code": ["type": "string", "pattern": "^ACRF-[0-9]{3}$"],
                        "sentence": ["type": "string"],
                        "mend": ["type": "string"], "file": ["type": ["string", "null"]],
                    ],
                ],
            ],
        ],
    ]
}
