/// The fields of an `application/x-www-form-urlencoded` body.
struct FormFields: Sendable {
    private let fields: [String: String]

    /// Nil when the bytes are no form of UTF-8 text, or a field comes twice (RFC 6749 section 3.2).
    init?(_ body: some Sequence<UInt8>) {
        var fields: [String: String] = [:]
        for pair in Array(body).split(separator: 0x26) {
            let pieces = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2, let name = FormFields.text(of: pieces[0]),
                let value = FormFields.text(of: pieces[1]), fields.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        self.fields = fields
    }

    /// Nil when there is none, or it is empty, which counts as left out (RFC 6749 section 3.2).
    subscript(name: String) -> String? {
        fields[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func text(of bytes: ArraySlice<UInt8>) -> String? {
        [UInt8](percentEncoded: bytes.map { $0 == 0x2B ? 0x20 : $0 }).flatMap {
            String(validating: $0, as: UTF8.self)
        }
    }
}
