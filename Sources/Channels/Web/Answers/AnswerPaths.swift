internal import Exchange
internal import HTTPTypes

// How the operations of answers are described.
extension WebOperation {
    private static let id = Parameter(
        name: "id", place: .path, details: "The stem of the answer's files.",
        schema: .text(
            "As in lists of answers and in the receipt of a set.", example: "ACRF.999999.20260102.00001.R",
            pattern: "^[A-Z0-9]{4}\\.999999\\.[0-9]{8}\\.[A-Z0-9]{5}\\.[RTS](\\.[0-9]\\.[0-9])?$"),
        isRequired: true)

    static let listAnswers = WebOperation(
        name: "listAnswers",
        summary: "List answers",
        details: """
            Oldest first. Keep the cursor of the last page and ask with it again: with Prefer: wait=N the service \
            answers as soon as there is a new one. With an access token, only answers to sets of the applications \
            the token has the right to consult for; others are as good as not there.
            """,
        parameters: [
            Parameter(
                name: "cursor", place: .query,
                details: "Where to go on; without it the list begins at its beginning.",
                schema: .text("As the last page gave it.", pattern: "^c[0-9a-z]+$")),
            Parameter(
                name: "limit", place: .query,
                details: "Answers at the most; \(AnswerQuery.usualLimit) unless told.",
                schema: .number("Answers.", from: 1, to: Int64(AnswerQuery.largestLimit))),
            Parameter(
                name: "unconfirmed", place: .query, details: "true leaves out what was confirmed.",
                schema: .truth("false unless told.")),
            .prefer,
        ],
        answers: [
            Answer(
                status: .ok, details: "A page, empty when there is nothing new. The last page has no Link.",
                content: Content(mediaType: "application/json", schema: AnswerPage.schema),
                headers: [("Link", "rel=\"next\" when there may be more.", .text("RFC 8288."))])
        ],
        problems: [.malformed, .unavailable])

    static let showAnswer = WebOperation(
        name: "showAnswer",
        summary: "Show an answer",
        details: "What it answers, when it was published, and where its files are.",
        parameters: [id, .ifNoneMatch],
        answers: [
            Answer(
                status: .ok, details: "The answer.",
                content: Content(mediaType: "application/json", schema: AnswerRepresentation.schema)),
            .notModified,
        ],
        problems: [.forbidden, .notFound, .unavailable])

    static let fetchAnswer = fetch("fetchAnswer", "Fetch the document of an answer", .answer)
    static let fetchSignature = fetch("fetchSignature", "Fetch the signature of an answer", .signature)

    static let confirmAnswer = WebOperation(
        name: "confirmAnswer",
        summary: "Confirm an answer",
        details: """
            Says that the sender has it. It stays readable; lists can leave it out. Harmless when repeated. The right \
            to consult is enough.
            """,
        parameters: [id],
        answers: [Answer(status: .noContent, details: "Confirmed.")],
        problems: [.forbidden, .notFound, .unavailable])

    static let removeAnswer = WebOperation(
        name: "removeAnswer",
        summary: "Remove an answer",
        details:
            "Removes its files on every channel. A second time it is not found. The right to consult is enough.",
        parameters: [id],
        answers: [Answer(status: .noContent, details: "Removed.")],
        problems: [.forbidden, .notFound, .unavailable])

    private static func fetch(_ name: String, _ summary: String, _ kind: AnswerFileKind) -> WebOperation {
        WebOperation(
            name: name,
            summary: summary,
            details: "The bytes of the \(kind.rawValue) file, unchanged. One range can be asked for.",
            parameters: [
                id, .ifNoneMatch,
                Parameter(
                    name: "Range", place: .header, details: "One range of bytes (RFC 9110 section 14).",
                    schema: .text("Several ranges are answered with the whole file.", example: "bytes=1000-")),
            ],
            answers: [
                Answer(
                    status: .ok, details: "The whole file.",
                    content: Content(mediaType: kind.mediaType, schema: [:]),
                    headers: [("Content-Digest", "SHA-256 of what is sent.", .text("RFC 9530."))]),
                Answer(
                    status: .partialContent, details: "The range asked for.",
                    content: Content(mediaType: kind.mediaType, schema: [:])),
                .notModified,
            ],
            problems: [.forbidden, .notFound, .rangeNotSatisfiable, .unavailable])
    }
}

extension AnswerRepresentation {
    static let schema = JSONValue.record(
        "An answer.", required: ["id", "ticket", "directory", "publishedAt", "isConfirmed"],
        [
            ("id", .text("The stem of its files.", example: "ACRF.999999.20260102.00001.R")),
            ("ticket", .text("The ticket of the set that is answered.", example: "03800000001XZ")),
            ("directory", .text("The directory it lies in over other channels.", example: "OUT")),
            ("publishedAt", .moment("When it could first be read.")),
            ("isConfirmed", .truth("Whether the sender said that it has the answer.")),
            (
                "files",
                .list(
                    "Not in lists.",
                    of: .record(
                        "A file.", required: ["kind", "name", "size", "location"],
                        [
                            ("kind", .word("What it is.", of: AnswerFileKind.allCases.map(\.rawValue))),
                            ("name", .text("Its name over other channels.")),
                            ("size", .number("Bytes.")),
                            ("location", .text("Relative.")),
                        ]))
            ),
        ])
}

extension AnswerPage {
    static let schema = JSONValue.record(
        "A page of answers.", required: ["answers", "cursor"],
        [
            ("answers", .list("Oldest first.", of: AnswerRepresentation.schema)),
            ("cursor", .text("Where to go on.")),
        ])
}
