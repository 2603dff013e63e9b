internal import HTTPTypes

/// The words our JSON Schemas are written with.
extension JSONValue {
    /// - Parameter pattern: of ECMA 262; what does not match is refused or not found.
    static func text(_ details: String, example: String? = nil, pattern: String? = nil) -> JSONValue {
        var members: [(String, JSONValue)] = [("type", "string"), ("description", .string(details))]
        if let pattern { members.append(("pattern", .string(pattern))) }
        if let example { members.append(("examples", [.string(example)])) }
        return .object(members)
    }

    static func moment(_ details: String) -> JSONValue {
        ["type": "string", "format": "date-time", "description": .string(details)]
    }

    static func number(_ details: String, from least: Int64 = 0, to most: Int64? = nil) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("type", "integer"), ("minimum", .integer(least)), ("description", .string(details)),
        ]
        if let most { members.append(("maximum", .integer(most))) }
        return .object(members)
    }

    static func truth(_ details: String) -> JSONValue {
        ["type": "boolean", "description": .string(details)]
    }

    static func word(_ details: String, of words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map { .string($0) }), "description": .string(details)]
    }

    static func list(_ details: String, of element: JSONValue) -> JSONValue {
        ["type": "array", "items": element, "description": .string(details)]
    }

    /// - Parameter required: members that are never left out.
    static func record(_ details: String, required: [String], _ members: [(String, JSONValue)]) -> JSONValue {
        [
            "type": "object", "description": .string(details), "properties": .object(members),
            "required": .array(required.map { .string($0) }),
        ]
    }
}

extension WebOperation.Parameter {
    static let ticket = WebOperation.Parameter(
        name: "ticket", place: .path, details: "The number the set is known by.",
        schema: .text(
            "13 positions with a check character.", example: "03800000001XZ",
            pattern: "^[0-9A-HJ-NP-Z]{12}Z$"), isRequired: true)
    static let prefer = WebOperation.Parameter(
        name: "Prefer", place: .header,
        details:
            "wait=N answers as soon as what is waited for is there, after N seconds at the latest (RFC 7240).",
        schema: .text("N is 1 to \(Preference.longestWait).", example: "wait=20"))
    static let idempotencyKey = WebOperation.Parameter(
        name: "Idempotency-Key", place: .header,
        details: """
            A key of the sender's own for this set. The same request with the same key is answered with the first \
            set; another request with it is refused.
            """,
        schema: .text(
            "1 to 200 printable characters of ASCII.", example: "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""))
    static let acceptLanguage = WebOperation.Parameter(
        name: "Accept-Language", place: .header, details: "The language of sentences: fr, nl, de or en.",
        schema: .text("RFC 9110 section 12.5.4.", example: "fr"))
    static let ifNoneMatch = WebOperation.Parameter(
        name: "If-None-Match", place: .header,
        details: "Answers 304 when the representation is the one with this tag.",
        schema: .text("An ETag of this resource."))
}

extension WebOperation.Answer {
    static let notModified = WebOperation.Answer(
        status: .notModified, details: "The caller has this representation.")
}
