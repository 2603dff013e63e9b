internal import Hummingbird

extension WebOperation {
    static let giveToken = WebOperation(
        name: "giveToken",
        summary: "Gives an access token for a signed assertion",
        details: """
            OAuth 2.0 client credentials with a JWT as client assertion (RFC 6749 section 4.4, RFC 7523). The \
            assertion is signed with RS256, PS256, ES256 or ES384 by the key of a certificate registered for the \
            sender's web channel. Its iss and sub are the client id: ecluse_, the sender's six digits, and at choice _ \
            and a word. Its aud is the address of this resource or the issuer, and nothing else; jti is new each \
            time; iat and exp are at most 300 seconds apart, unless the operator says otherwise.

            The token is a Bearer token. It ends with its time, with the certificate it was given for, and when the \
            service is started anew. Without scope it has everything that is registered for the sender.
            """,
        body: Content(
            mediaType: "application/x-www-form-urlencoded",
            schema: [
                "type": "object",
                "required": ["grant_type", "client_assertion_type", "client_assertion"],
                "properties": [
                    "grant_type": ["type": "string", "const": "client_credentials"],
                    "client_assertion_type": ["type": "string", "const": .string(TokenDesk.assertionType)],
                    "client_assertion": ["type": "string", "maxLength": 8192],
                    "client_id": [
                        "type": "string", "description": "Must be that of the assertion, when it is there.",
                    ],
                    "scope": [
                        "type": "string",
                        "description": "Scopes of the form scope:<application>:set:<right>.",
                    ],
                ],
            ]),
        answers: [
            Answer(
                status: .ok, details: "The token (RFC 6749 section 5.1).",
                content: Content(
                    mediaType: "application/json",
                    schema: [
                        "type": "object", "required": ["access_token", "token_type", "expires_in", "scope"],
                        "properties": [
                            "access_token": ["type": "string"], "token_type": ["const": "Bearer"],
                            "expires_in": ["type": "integer", "description": "Seconds."],
                            "scope": ["type": "string"],
                        ],
                    ])),
            Answer(status: .badRequest, details: "Refused (RFC 6749 section 5.2).", content: refusal),
            Answer(
                status: .unauthorized, details: "The client has not proven itself (RFC 6749 section 5.2).",
                content: refusal),
        ],
        problems: [.tooLarge, .unsupported])

    private static let refusal = Content(
        mediaType: "application/json",
        schema: [
            "type": "object", "required": ["error", "error_description"],
            "properties": [
                "error": ["enum": .array(TokenRefusal.Word.allCases.map { .string($0.rawValue) })],
                "error_description": ["type": "string"],
            ],
        ])

    static let describeTokens = WebOperation(
        name: "describeTokens",
        summary: "Says where and how access tokens are given",
        details: "The metadata of RFC 8414.",
        answers: [
            Answer(
                status: .ok, details: "The metadata.",
                content: Content(
                    mediaType: "application/json",
                    schema: ["type": "object", "required": ["issuer", "token_endpoint"]]))
        ])
}
