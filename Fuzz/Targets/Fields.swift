internal import Exchange

@testable internal import WebChannel

extension FuzzTarget {
    /// Fields, paths and small bodies of web requests; the first byte says which.
    ///
    /// Proves of each what its type promises: a range lies inside the file, a wait is 1 to 60 seconds, a canonical path
    /// hides no slash, what we wrote is read as the same.
    static let fields = FuzzTarget(name: "fields", longest: 1024) {
        let texts = [
            ["a=b&c=%41+d&client_assertion=x.y.z"], ["bytes=0-99", "bytes=-5", "bytes=7-"],
            ["/v1/sets/GO.DMFA?cursor=c1&x=%20", "/v1/%41/-"], ["wait=10, respond-async; a=b"],
            ["fr-BE, nl;q=0.8, *;q=0.1"], ["\"key-1\""], ["filename R08uRE1GQQ==,filetype dGV4dA=="],
            ["{\"lengths\":{\"GO\":3},\"trigger\":\"GO.DMFA\",\"version\":1}"],
            ["ACRF.999999.20260102.00001.R", "DMNO.999999.20260102.00001.R.1.1"], ["ecluse_006400_x7"],
            ["form-data; name=\"a\"; filename=\"b\\\"c\""], ["18446744073709551615"],
        ]
        return texts.enumerated().flatMap { index, texts in texts.map { [UInt8(index)] + Array($0.utf8) } }
    } prove: { input in
        guard let choice = input.first else { return }
        let bytes = Array(input.dropFirst())
        proofs[Int(choice) % proofs.count](bytes, String(decoding: bytes, as: UTF8.self))
    }

    private static let proofs: [@Sendable ([UInt8], String) -> Void] = [
        { bytes, _ in
            if let form = FormFields(bytes) { hold(form["a"] != "", "an empty field that is there") }
        },
        { bytes, text in
            for size in [0, 1, UInt64(bytes.count), .max] {
                guard case .part(let range) = ByteRange(text, of: size) else { continue }
                hold(!range.isEmpty && range.upperBound <= size, "\(range) of \(size) bytes")
            }
        },
        { _, text in
            guard RequestTarget.isCanonical(text) else { return }
            let path = text.utf8.prefix { $0 != 0x3F }
            for segment in path.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false) {
                let bytes = [UInt8](percentEncoded: segment)
                hold(
                    bytes.map { !$0.contains(0x2F) && $0 != [0x2E, 0x2E] } ?? false, "a path that leads out")
            }
        },
        { _, text in
            if let wait = Preference([text]).wait { hold((1...60).contains(wait), "a wait of \(wait) s") }
        },
        { _, text in _ = Language(accepted: text) },
        { _, text in
            guard let sender = SenderNumber("006400"), IdempotencyKey(text, of: sender) != nil else { return }
            hold(text.utf8.count <= IdempotencyKey.longest + 2, "a key of \(text.utf8.count) bytes")
        },
        { _, text in
            guard let name = UploadMetadata(text)?.fileName else { return }
            hold(
                UploadMetadata(UploadMetadata(fileName: name).field)?.fileName == name, "a name that changes")
        },
        { bytes, _ in
            guard let note = UploadNote(bytes) else { return }
            hold((try? note.bytes).map { UploadNote($0) == note } ?? false, "a note that is read as another")
        },
        { _, text in
            guard let stem = AnswerStem(text) else { return }
            hold(stem.file(.answer) != nil && !text.contains("/"), "a stem that names no file")
        },
        { _, text in
            guard let id = ClientID(text) else { return }
            hold(text.contains(id.sender.description) && text.utf8.count <= 100, "a client id of nobody")
        },
        { bytes, _ in
            guard let field = ParameterisedField(bytes) else { return }
            let count = field.parameters.reduce(field.value.utf8.count) {
                $0 + $1.key.utf8.count + $1.value.count
            }
            hold(count <= bytes.count, "more is read than was there")
        },
        { _, text in
            guard let number = UInt64(digits: text) else { return }
            hold(text.drop { $0 == "0" } == (number == 0 ? "" : String(number)), "another number")
        },
    ]
}
