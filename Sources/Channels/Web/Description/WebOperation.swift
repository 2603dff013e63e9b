internal import Hummingbird

/// What one route does, in the terms of OpenAPI 3.1.
struct WebOperation: Sendable {
    /// `operationId`, such as `sendSet`; unique.
    let name: String
    /// One line.
    let summary: String
    /// Sentences; paragraphs are parted by an empty line.
    let details: String
    /// Of the path, the query and the header.
    var parameters: [Parameter] = []
    /// What the body may be; nil takes none.
    var body: Content?
    /// What is answered when all went well.
    let answers: [Answer]
    /// What else may be answered, apart from what every route may (`WebRoute.problems`).
    var problems: [ProblemKind] = []

    struct Parameter: Sendable {
        enum Place: String, Sendable {
            case path, query, header
        }

        let name: String
        let place: Place
        let details: String
        /// JSON Schema 2020-12.
        let schema: JSONValue
        var isRequired = false
    }

    /// A body, of a request or an answer.
    struct Content: Sendable {
        /// Such as `application/json`.
        let mediaType: String
        /// JSON Schema 2020-12; for bytes `[:]`.
        let schema: JSONValue
        var example: JSONValue?
        /// False when no body is as good as an empty one.
        var isRequired = true
        /// `encoding` of a multipart body: `contentType` by part.
        var encoding: JSONValue?
    }

    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let details: String
        var content: Content?
        /// Name, meaning and JSON Schema.
        var headers: [(name: String, details: String, schema: JSONValue)] = []
    }
}
