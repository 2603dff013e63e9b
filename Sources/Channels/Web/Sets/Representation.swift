internal import Crypto
internal import Exchange
internal import Foundation
internal import HTTPTypes
internal import Hummingbird

extension Response {
    /// A JSON document. Its members are in alphabetical order, its dates in RFC 3339 and UTC; nobody keeps it.
    static func json(
        _ document: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        let bytes = try JSONDocument.bytes(document)
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// What tells one representation of a resource from another (RFC 9110 section 8.8.3). Always strong.
struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// - Precondition: `text` is visible ASCII without quotes.
    init(_ text: String) {
        description = "\"\(text)\""
    }

    /// Of these very bytes.
    init(of bytes: [UInt8]) {
        self.init(SHA256.hash(data: bytes).prefix(16).hexadecimal)
    }

    /// True when a field of tags, such as `If-None-Match`, names this one: weak comparison (RFC 9110 section 13.1.2).
    func isIn(_ field: String?) -> Bool {
        guard let field else { return false }
        return field.split(separator: ",").map(\.trimmed).contains { tag in
            tag == "*" || tag == description[...]
                || tag.dropFirst(2) == description[...] && tag.hasPrefix("W/")
        }
    }
}
