/// Why a multipart body was not read to its end. Every case is the fault of whoever wrote the body.
enum MultipartFault: Error, Hashable, Sendable {
    /// The boundary of the Content-Type is missing, longer than 70 characters or not of RFC 2046's alphabet.
    case boundary
    /// More text before the first delimiter than a preamble may have.
    case preamble
    /// Something other than padding, CRLF or `--` follows a boundary.
    case delimiter
    /// More than 20 fields, or more than 8192 bytes of them, before one part.
    case headerSize
    /// A header line that is none, or one that may stand only once stands twice.
    case header
    /// More than 40 parts.
    case partCount
    /// A part that is no file: no filename, or an empty one.
    case nameMissing
    /// A filename with a path in it, a control character, more than 80 bytes, or two that differ.
    case name
    /// A part in base64 or the like, or a multipart inside the multipart: a file comes as its bytes.
    case encoding
    /// The body ended before its closing delimiter.
    case cutShort
}
