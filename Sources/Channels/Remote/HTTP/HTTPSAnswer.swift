/// An answer as it comes in: head, then body.
final class HTTPSAnswer {
    private(set) var status = 0
    private(set) var headers: [String: String] = [:]
    private(set) var body: [UInt8] = []
    private var headLength = 0
    private var sunk: UInt64 = 0
    private let collecting: Int
    private let sink: ((UnsafeRawBufferPointer) throws -> Void)?
    private let limit: UInt64

    private static let longestHead = 64 * 1024

    /// Thrown to end a request whose answer needs no more bytes to be complete for us.
    struct Enough: Error {}

    /// - Parameters:
    ///   - collecting: bytes that are kept of a body that has no sink.
    ///   - sink: takes the body of a 2xx answer, of at most `limit` bytes.
    init(collecting: Int, sink: ((UnsafeRawBufferPointer) throws -> Void)?, limit: UInt64) {
        self.collecting = collecting
        self.sink = sink
        self.limit = limit
    }

    var response: HTTPSResponse { HTTPSResponse(status: status, headers: headers, body: body) }

    /// One line of a head.
    func takeHead(_ line: UnsafeRawBufferPointer) throws(RemoteFault) {
        headLength += line.count
        guard headLength <= HTTPSAnswer.longestHead else {
            throw RemoteFault(.tooMuch, "The head of the answer is longer than 64 KiB.")
        }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // An interim answer (100 Continue) is followed by another head.
            headers = [:]
            status =
                text.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
        } else if let colon = text.firstIndex(of: ":") {
            headers[text[..<colon].lowercased()] = HTTPSAnswer.trimmed(text[text.index(after: colon)...])
        }
    }

    /// Some bytes of the body.
    func takeBody(_ bytes: UnsafeRawBufferPointer) throws {
        guard (200..<300).contains(status) else {
            body += bytes.prefix(collecting - body.count)
            if body.count == collecting { throw Enough() }
            return
        }
        guard let sink else {
            body += bytes.prefix(collecting - body.count + 1)
            guard body.count <= collecting else { throw tooLong(UInt64(collecting)) }
            return
        }
        sunk += UInt64(bytes.count)
        guard sunk <= limit else { throw tooLong(limit) }
        try sink(bytes)
    }

    private func tooLong(_ limit: UInt64) -> RemoteFault {
        RemoteFault(.tooMuch, "The answer is longer than \(limit) bytes.")
    }

    private static func trimmed(_ value: Substring) -> String {
        let start = value.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
