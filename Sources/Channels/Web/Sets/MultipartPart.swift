internal import Exchange

/// One file of a multipart body, as its header fields announce it (RFC 7578 section 4.2).
struct MultipartPart: Hashable, Sendable {
    /// From the filename; never a path, and never cut to fit.
    let name: FileName

    init(name: FileName) {
        self.name = name
    }

    /// - Parameter lines: header fields without their line ends, unfolded.
    init(header lines: [[UInt8]]) throws(MultipartFault) {
        var fields: [String: ArraySlice<UInt8>] = [:]
        for line in lines {
            let name = line.prefix { $0 != 0x3A }
            guard !name.isEmpty, name.allSatisfy(\.isTokenCharacter), name.endIndex < line.endIndex,
                !line.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }),
                fields.updateValue(
                    line[(name.endIndex + 1)...], forKey: String(decoding: name, as: UTF8.self).lowercased())
                    == nil
            else { throw .header }
        }
        try MultipartPart.requirePlainBytes(fields)
        guard let text = fields["content-disposition"] else { throw .nameMissing }
        guard let disposition = ParameterisedField(text) else { throw .header }
        name = try MultipartPart.name(from: disposition)
    }

    private static func requirePlainBytes(_ fields: [String: ArraySlice<UInt8>]) throws(MultipartFault) {
        if let field = fields["content-type"] {
            guard let type = ParameterisedField(field) else { throw .header }
            guard !type.value.hasPrefix("multipart/") else { throw .encoding }
        }
        if let field = fields["content-transfer-encoding"] {
            guard let encoding = ParameterisedField(field)?.value else { throw .header }
            guard ["7bit", "8bit", "binary"].contains(encoding) else { throw .encoding }
        }
    }

    /// RFC 7578 forbids `filename*` in a form, but clients write it, alone or beside a `filename` for those who cannot
    /// read it; then it is the one that counts (RFC 6266 section 4.3).
    private static func name(from disposition: ParameterisedField) throws(MultipartFault) -> FileName {
        var given = disposition.parameters["filename"]
        if let extended = disposition.parameters["filename*"] {
            guard let decoded = decode(extended) else { throw .name }
            given = decoded
        }
        guard let bytes = given, !bytes.isEmpty else { throw .nameMissing }
        guard !bytes.contains(where: isForbidden),
            String(validating: bytes, as: UTF8.self) != nil, let name = FileName(bytes)
        else { throw .name }
        return name
    }

    /// A path in any manner, what a quoted value escapes, and control characters.
    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte == 0x2F || byte == 0x5C || byte < 0x20 || byte == 0x7F
    }

    /// `UTF-8'language'percent-encoded` (RFC 8187 section 3.2); no other character set is read.
    private static func decode(_ bytes: [UInt8]) -> [UInt8]? {
        let sections = bytes.split(separator: 0x27, maxSplits: 2, omittingEmptySubsequences: false)
        guard sections.count == 3, String(decoding: sections[0], as: UTF8.self).lowercased() == "utf-8" else {
            return nil
        }
        return [UInt8](percentEncoded: sections[2])
    }
}
