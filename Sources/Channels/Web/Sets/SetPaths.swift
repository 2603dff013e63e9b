internal import Exchange
internal import HTTPTypes

// How the operations of sets are described.
extension WebOperation {
    static let sendSet = WebOperation(
        name: "sendSet",
        summary: "Send a set whole",
        details: """
            Every part is a file, named by its filename as on other channels (FI…, FS…); the field name is free. The \
            end of the request stands for the GO; one that comes is accepted and its content ignored. The directory \
            follows from the environment in the names.

            201 says that the set is durable and will get its receipt, not that it is accepted.

            Refused at once, with nothing kept, is only what cannot be named: names outside the convention and files \
            of several sets. Everything else is for the decision, and answered by its receipt.

            429 also answers a sender of whom set after set is refused, until some seconds have passed.
            """,
        parameters: [.idempotencyKey, .prefer, .acceptLanguage],
        body: Content(
            mediaType: "multipart/form-data",
            schema: [
                "type": "object",
                "additionalProperties": .list(
                    "Files, at most \(MultipartParser.mostParts).",
                    of: ["type": "string", "format": "binary"]),
            ]),
        answers: [
            Answer(
                status: .created, details: "The set is handed over.",
                content: Content(mediaType: "application/json", schema: SetRepresentation.schema),
                headers: [
                    (
                        "Location", "Where the set is shown.",
                        .text("Relative.", example: "/v1/sets/03800000001XZ")
                    ),
                    ("Preference-Applied", "The wait that was granted.", .text("wait=N")),
                    ("Idempotency-Replayed", "The set is that of an earlier request.", .text("true")),
                ])
        ],
        problems: [
            .malformed, .forbidden, .conflict, .tooLarge, .unsupported, .unprocessable, .idempotencyMismatch,
            .tooMany,
            .unavailable,
        ])

    static let showSet = WebOperation(
        name: "showSet",
        summary: "What became of a set",
        details: "The set, its verdict, every step of the decision, and what to do about a refusal.",
        parameters: [.ticket, .prefer, .acceptLanguage, .ifNoneMatch],
        answers: [
            Answer(
                status: .ok, details: "The set as it stands.",
                content: Content(mediaType: "application/json", schema: SetRepresentation.schema),
                headers: [("ETag", "The tag of this representation.", .text("Strong."))]),
            .notModified,
        ],
        problems: [.forbidden, .notFound, .unavailable])
}

extension SetRepresentation {
    static let schema = JSONValue.record(
        "A set.",
        required: [
            "ticket", "name", "state", "directory", "channel", "receivedAt", "files", "steps", "codes",
        ],
        [
            ("ticket", .text("The number the set is known by.", example: "03800000001XZ")),
            ("name", .text("The name of its GO.", example: "GO.DMFA.006400.20230420.00001.R.1")),
            ("state", .word("Where the set stands.", of: SetReport.State.allCases.map(\.rawValue))),
            ("verdict", .word("Once decided.", of: ["accepted", "refused"])),
            ("directory", .text("The directory it would lie in over other channels.", example: "IN")),
            ("channel", .word("How it came.", of: ChannelKind.allCases.map(\.rawValue))),
            ("receivedAt", .moment("When it was durable.")),
            ("decidedAt", .moment("When it was decided.")),
            ("files", .list("Without the GO.", of: fileSchema)),
            ("steps", .list("The phases of the decision, in order; empty before it.", of: stepSchema)),
            ("codes", .list("The reception codes of the receipt.", of: codeSchema)),
            ("repeats", .text("The ticket of the first set, when this one repeats it.")),
            (
                "receipt",
                .record(
                    "The signed answer, once it can be read.", required: ["id", "location"],
                    [
                        ("id", .text("The stem of its files.", example: "ACRF.999999.20260102.00001.R")),
                        ("location", .text("Relative.", example: "/v1/answers/ACRF.999999.20260102.00001.R")),
                    ])
            ),
        ])

    private static let fileSchema = JSONValue.record(
        "A file.", required: ["name", "size", "sha256"],
        [
            ("name", .text("Bytes outside letters, digits, dot, dash and underscore are written %XX.")),
            ("size", .number("Bytes.")),
            ("sha256", .text("Hexadecimal.")),
        ])

    private static let stepSchema = JSONValue.record(
        "One phase.", required: ["number", "phase", "rule", "verdict", "findings"],
        [
            ("number", .number("From 1.", from: 1)),
            ("phase", .text("Such as name, set, right, signature, document.")),
            ("rule", .text("What was asked, in English.")),
            ("verdict", .word("How it ended.", of: ["passed", "refused", "skipped"])),
            (
                "findings",
                .list(
                    "What is wrong.",
                    of: .record(
                        "One thing that is wrong.", required: ["code", "detail"],
                        [
                            ("code", .text("As in the receipt.", example: "ACRF-312")),
                            ("file", .text("The file at fault.")),
                            ("detail", .text("The particulars, in English.")),
                            ("line", .number("In the document.", from: 1)),
                            ("column", .number("In the line.", from: 1)),
                            (
                                "path",
                                .text("Element names from the root.", example: "/Dimona/Form[2]/DimonaIn")
                            ),
                        ]))
            ),
        ])

    private static let codeSchema = JSONValue.record(
        "A reception code in words.", required: ["code", "sentence", "mend"],
        [
            ("code", .text("As in the receipt.", example: "ACRF-131")),
            ("sentence", .text("What is wrong, in the language asked for.")),
            ("mend", .text("What to do about it, in the language asked for.")),
        ])
}
