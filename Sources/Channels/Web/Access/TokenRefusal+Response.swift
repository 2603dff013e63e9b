internal import HTTPTypes
internal import Hummingbird

extension TokenRefusal: HTTPResponseError {
    var status: HTTPResponse.Status { word == .invalidClient ? .unauthorized : .badRequest }

    func response(from request: Request, context: some RequestContext) -> Response {
        var headers: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .pragma: "no-cache",
        ]
        // A 401 names a scheme (RFC 9110 section 15.5.2), though this one does not open the token resource.
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"ecluse\"" }
        let document: JSONValue = ["error": .string(word.rawValue), "error_description": .string(detail)]
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: document.text)))
    }
}

extension HTTPField.Name {
    static let pragma = known("Pragma")
}
