internal import Hummingbird

extension MultipartFault {
    var problem: Problem {
        switch self {
        case .boundary: .malformed("The Content-Type names no boundary of RFC 2046.")
        case .preamble: .malformed("The body does not begin with its boundary.")
        case .delimiter: .malformed("A boundary is not followed by the end of its line.")
        case .headerSize: .malformed("The header of a part has more than 20 fields or 8192 bytes.")
        case .header: .malformed("A header field of a part cannot be understood.")
        case .partCount: .tooLarge("The body has more than 40 parts.")
        case .nameMissing: .malformed("A part has no filename.")
        case .name:
            .unprocessable("A filename is more than a name: a path, control characters or over 80 bytes.", [])
        case .encoding: .unsupported("A part is encoded: send the bytes of each file as they are.")
        case .cutShort: .malformed("The body ends before its closing boundary.")
        }
    }
}
