internal import Exchange
internal import HTTPTypes

// How the operations of sets that come file by file are described.
extension WebOperation {
    static let beginUpload = WebOperation(
        name: "beginUpload",
        summary: "Begin a set to be sent file by file",
        details: """
            For sets too large for one request, or connections that break. The ticket is given now; nothing is looked \
            at before the set is closed.

            429 also answers a sender of whom set after set is refused, until some seconds have passed.
            """,
        body: Content(
            mediaType: "application/json",
            schema: .record(
                "A new set.", required: ["name"],
                [
                    (
                        "name",
                        .text(
                            "The name of its GO, or that without GO.",
                            example: "GO.DMFA.006400.20230420.00001.R.1")
                    )
                ])),
        answers: [
            Answer(
                status: .created, details: "The set is begun.",
                content: Content(mediaType: "application/json", schema: UploadRepresentation.schema),
                headers: [("Location", "Where it is shown.", .text("Relative."))])
        ],
        problems: [.malformed, .forbidden, .unsupported, .unprocessable, .tooMany, .unavailable])

    static let showUpload = WebOperation(
        name: "showUpload",
        summary: "What is there of a set",
        details: "The files so far. A set that was closed is found among the sets.",
        parameters: [.ticket],
        answers: [
            Answer(
                status: .ok, details: "The set so far.",
                content: Content(mediaType: "application/json", schema: UploadRepresentation.schema))
        ],
        problems: [.forbidden, .notFound, .unavailable])

    static let cancelUpload = WebOperation(
        name: "cancelUpload",
        summary: "Throw a set away",
        details: "Does what a TD does on other channels. A set that was closed cannot be thrown away.",
        parameters: [.ticket],
        answers: [Answer(status: .noContent, details: "Gone.")],
        problems: [.forbidden, .notFound, .locked, .unavailable])

    static let putFile = WebOperation(
        name: "putFile",
        summary: "Send a file whole",
        details:
            "Replaces what was there of the file. When the connection breaks, PATCH goes on where it broke.",
        parameters: [
            .ticket, .file,
            Parameter(
                name: "Content-Digest", place: .header,
                details: "The file is kept only when it has this SHA-256 (RFC 9530).",
                schema: .text("sha-256=:BASE64:")),
        ],
        body: Content(mediaType: "application/octet-stream", schema: [:], isRequired: false),
        answers: [
            Answer(
                status: .created, details: "The file is there.",
                content: Content(mediaType: "application/json", schema: UploadRepresentation.File.schema)),
            Answer(
                status: .ok, details: "The file is there in place of another.",
                content: Content(mediaType: "application/json", schema: UploadRepresentation.File.schema)),
        ],
        problems: [
            .malformed, .forbidden, .notFound, .locked, .lengthRequired, .tooLarge, .unprocessable,
            .digestMismatch,
            .tooMany, .unavailable,
        ])

    static let closeUpload = WebOperation(
        name: "closeUpload",
        summary: "Hand a set over",
        details: """
            Does what a GO does on other channels. 201 says that the set is durable and will get its receipt. Closing \
            it again gives the same answer.
            """,
        parameters: [.ticket, .idempotencyKey, .prefer, .acceptLanguage],
        answers: [
            Answer(
                status: .created, details: "The set is handed over.",
                content: Content(mediaType: "application/json", schema: SetRepresentation.schema),
                headers: [("Location", "Where the set is shown.", .text("Relative."))])
        ],
        problems: [
            .malformed, .forbidden, .notFound, .conflict, .locked, .incomplete, .unprocessable,
            .idempotencyMismatch,
            .unavailable,
        ])

    /// - Parameter name: of the operation; the resource of files and that of each file have one of their own.
    static func describeResumable(_ name: String) -> WebOperation {
        WebOperation(
            name: name,
            summary: "What this service knows of tus",
            details: "Version, extensions and limits (tus 1.0).",
            parameters: name == "describeResumable" ? [.ticket] : [.ticket, .file],
            answers: [
                Answer(
                    status: .noContent, details: "In the header.",
                    headers: [
                        ("Tus-Version", "Versions of tus.", .text(ResumableRoutes.version)),
                        ("Tus-Extension", "Its extensions.", .text(ResumableRoutes.extensions)),
                        ("Tus-Max-Size", "Bytes of a file at the most.", .number("Bytes.")),
                        ("Tus-Checksum-Algorithm", "For Upload-Checksum.", .text("sha1,sha256")),
                    ])
            ])
    }

    static let createFile = WebOperation(
        name: "createFile",
        summary: "Begin a file to be sent in pieces",
        details: "By tus 1.0, extension creation.",
        parameters: [
            .ticket, .tusResumable,
            Parameter(
                name: "Upload-Length", place: .header, details: "Bytes the file will have.",
                schema: .number("Bytes."),
                isRequired: true),
            Parameter(
                name: "Upload-Metadata", place: .header, details: "The name of the file.",
                schema: .text(
                    "filename and base64.",
                    example: "filename RkkuRE1GQS4wMDY0MDAuMjAyMzA0MjAuMDAwMDEuUi4xLjE="),
                isRequired: true),
        ],
        answers: [
            Answer(
                status: .created, details: "The file is begun.",
                headers: [
                    ("Location", "Where its pieces go.", .text("Relative.")),
                    ("Upload-Expires", "When the set is thrown away.", .text("RFC 9110 section 5.6.7.")),
                ])
        ],
        problems: [
            .malformed, .tusVersion, .forbidden, .notFound, .locked, .tooLarge, .unprocessable, .unavailable,
        ])

    static let showFile = WebOperation(
        name: "showFile",
        summary: "How much of a file is there",
        details: "By tus 1.0: go on at Upload-Offset.",
        parameters: [.ticket, .file, .tusResumable],
        answers: [
            Answer(
                status: .ok, details: "In the header.",
                headers: [
                    ("Upload-Offset", "Bytes that are there.", .number("Bytes.")),
                    ("Upload-Length", "Bytes it will have.", .number("Bytes.")),
                    ("Upload-Expires", "When the set is thrown away.", .text("RFC 9110 section 5.6.7.")),
                ])
        ],
        problems: [.tusVersion, .forbidden, .notFound, .locked, .unavailable])

    static let appendToFile = WebOperation(
        name: "appendToFile",
        summary: "Send a piece of a file",
        details: """
            By tus 1.0. What came before a connection broke is kept, unless it came with a checksum, which only a \
            whole piece has.
            """,
        parameters: [
            .ticket, .file, .tusResumable,
            Parameter(
                name: "Upload-Offset", place: .header,
                details: "Where the piece belongs: at the end of what is there.",
                schema: .number("Bytes."), isRequired: true),
            Parameter(
                name: "Upload-Checksum", place: .header,
                details: "The piece is kept only when it has this checksum.",
                schema: .text("sha1 or sha256, a space, and base64.")),
        ],
        body: Content(mediaType: "application/offset+octet-stream", schema: [:]),
        answers: [
            Answer(
                status: .noContent, details: "The piece is there.",
                headers: [("Upload-Offset", "Bytes that are there now.", .number("Bytes."))])
        ],
        problems: [
            .malformed, .tusVersion, .forbidden, .notFound, .conflict, .locked, .tooLarge, .unsupported,
            .checksumMismatch, .unavailable,
        ])

    static let removeFile = WebOperation(
        name: "removeFile",
        summary: "Remove a file",
        details: "By tus 1.0, extension termination.",
        parameters: [.ticket, .file, .tusResumable],
        answers: [Answer(status: .noContent, details: "Gone.")],
        problems: [.tusVersion, .forbidden, .notFound, .locked, .unavailable])
}

extension WebOperation.Parameter {
    static let file = WebOperation.Parameter(
        name: "file", place: .path, details: "The name of an FI or FS file of the set.",
        schema: .text("As on other channels.", example: "FI.DMFA.006400.20230420.00001.R.1.1"),
        isRequired: true)
    static let tusResumable = WebOperation.Parameter(
        name: "Tus-Resumable", place: .header, details: "The version of tus.",
        schema: .word("Version.", of: [ResumableRoutes.version]), isRequired: true)
}

extension UploadRepresentation {
    static let schema = JSONValue.record(
        "A set on its way in.", required: ["ticket", "name", "directory", "begunAt", "expiresAt", "files"],
        [
            ("ticket", .text("The ticket the set will have.", example: "03800000001XZ")),
            ("name", .text("The name of its GO.", example: "GO.DMFA.006400.20230420.00001.R.1")),
            ("directory", .text("The directory it would lie in over other channels.", example: "IN")),
            ("begunAt", .moment("When it was begun.")),
            ("expiresAt", .moment("When it is thrown away if nothing happens to it.")),
            ("files", .list("By name.", of: File.schema)),
        ])
}

extension UploadRepresentation.File {
    static let schema = JSONValue.record(
        "A file.", required: ["name", "size", "length", "isComplete", "location"],
        [
            ("name", .text("Its name.")),
            ("size", .number("Bytes that are there.")),
            ("length", .number("Bytes it will have.")),
            ("isComplete", .truth("Whether all of them are there.")),
            ("location", .text("Where its pieces go, relative.")),
        ])
}
