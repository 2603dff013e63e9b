/// One request with its body on the way out.
final class HTTPSTurn {
    let request: HTTPSRequest
    /// Of the body; nil when the request has none at all.
    let length: UInt64?
    private let reader: HTTPSBodyReader?
    private let sending: ((UInt64) throws -> Void)?
    private var sent: UInt64 = 0

    init(request: HTTPSRequest, body: HTTPSBody?, sending: ((UInt64) throws -> Void)?) {
        self.request = request
        self.sending = sending
        // RFC 9110 section 8.6: these methods say how long their body is, even when there is none.
        let body = body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? HTTPSBody([]) : nil)
        length = body?.length
        reader = body.map(HTTPSBodyReader.init)
    }

    /// Fills the buffer with what comes next of the body; 0 at its end.
    func give(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try reader?.read(into: buffer) ?? 0
        sent += UInt64(count)
        if count > 0 { try sending?(sent) }
        return count
    }

    func rewind() {
        reader?.rewind()
        sent = 0
    }
}
