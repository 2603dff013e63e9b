internal import HTTPTypes
internal import Hummingbird

/// The resources that tell that the service lives, and what it offers.
struct DescriptionRoutes: WebRoutes {
    /// Of all other groups.
    let others: [WebRoute]
    let address: PublicAddress

    var routes: [WebRoute] {
        [
            WebRoute(.get, "/healthz", admits: .anyone, operation: .tellHealth) { _, _ in
                Response.json(["status": "ok"], cached: "no-store")
            },
            WebRoute(.get, "/v1/openapi.json", admits: .anyone, operation: .describe) { _, _ in
                Response.json(document, cached: "no-cache")
            },
            WebRoute(.get, "/v1/docs", admits: .anyone, operation: .showDescription) { _, _ in page },
        ]
    }

    /// Every route of the service, these included.
    var described: [WebRoute] { others + routes }

    private var document: JSONValue { OpenAPIDocument(described).json(server: address.url) }

    private var page: Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache",
                .contentSecurityPolicy: DescriptionPage.policy, .xFrameOptions: "DENY",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: DescriptionPage(described).html)))
    }
}

extension HTTPField.Name {
    static let xFrameOptions = known("X-Frame-Options")
}

extension WebOperation {
    static let tellHealth = WebOperation(
        name: "tellHealth", summary: "Tells that the service answers",
        details: "For watchers; it says nothing else.",
        answers: [
            Answer(
                status: .ok, details: "It does.",
                content: Content(
                    mediaType: "application/json",
                    schema: [
                        "type": "object", "required": ["status"], "properties": ["status": ["const": "ok"]],
                        "additionalProperties": false,
                    ]))
        ])

    static let describe = WebOperation(
        name: "describe", summary: "Describes the service", details: "This document, OpenAPI 3.1.",
        answers: [
            Answer(
                status: .ok, details: "The document.",
                content: Content(
                    mediaType: "application/json", schema: ["type": "object", "required": ["openapi"]]))
        ])

    static let showDescription = WebOperation(
        name: "showDescription", summary: "Shows the description", details: "The same as a page to read.",
        answers: [
            Answer(
                status: .ok, details: "The page.",
                content: Content(mediaType: "text/html", schema: ["type": "string"]))
        ])
}
