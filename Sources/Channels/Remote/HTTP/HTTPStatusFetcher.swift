internal import CLibCurl
public import Exchange

/// Brings revocation lists and the answers of responders over HTTP, plain or with TLS: what comes is signed, and is
/// verified by whoever asked. A connection for each; no redirection, no proxy.
///
/// Any thread may call; each call ends within its limit of time, however slowly the server gives.
public struct HTTPStatusFetcher: StatusFetcher {
    /// Of one exchange, from the looking up of the name to the last byte.
    public struct Limit: Sendable, Hashable {
        public var bytes: Int
        public var time: Duration

        public init(bytes: Int, time: Duration) {
            self.bytes = bytes
            self.time = time
        }
    }

    private let listLimit: Limit
    private let answerLimit: Limit
    private let isAbandoned: @Sendable () -> Bool

    /// - Parameter isAbandoned: asked about once a second; true ends the exchange.
    public init(
        list: Limit = Limit(bytes: 16 * 1_048_576, time: .seconds(60)),
        answer: Limit = Limit(bytes: 65_536, time: .seconds(10)),
        until isAbandoned: @escaping @Sendable () -> Bool = { false }
    ) {
        listLimit = list
        answerLimit = answer
        self.isAbandoned = isAbandoned
    }

    public func list(at url: String) throws(StatusFault) -> [UInt8] {
        try exchange(url, listLimit, asking: nil)
    }

    public func answer(to request: [UInt8], at url: String) throws(StatusFault) -> [UInt8] {
        try exchange(url, answerLimit, asking: request)
    }

    private func exchange(
        _ url: String, _ limit: Limit, asking request: [UInt8]?
    ) throws(StatusFault) -> [UInt8] {
        let answer = HTTPSAnswer(collecting: limit.bytes, sink: nil, limit: 0)
        let place = url.prefix { $0 != "?" }
        do {
            let easy = try CurlEasy(protocols: "http,https", until: isAbandoned)
            easy.patience = limit.time
            easy.set(CURLOPT_URL, url)
            easy.set(CURLOPT_TIMEOUT_MS, limit.time)
            easy.trust(CurlTrust())
            var rest = request?[...] ?? []
            if let request {
                easy.set(CURLOPT_POST, 1)
                easy.set(CURLOPT_POSTFIELDSIZE, request.count)
                let headers = ["Content-Type: application/ocsp-request", "Expect:"]
                easy.set(CURLOPT_HTTPHEADER, lines: headers.map { Array($0.utf8) })
            }
            try easy.perform(
                source: { buffer in
                    let piece = rest.prefix(buffer.count)
                    buffer.copyBytes(from: piece)
                    rest = rest.dropFirst(piece.count)
                    return piece.count
                },
                header: answer.takeHead, sink: answer.takeBody)
        } catch {
            // An answer that is no success is cut off when there is enough of it.
            if !(error.cause is HTTPSAnswer.Enough) {
                let fault = error.cause as? RemoteFault ?? error
                throw StatusFault("\(place): \(fault.sentence)")
            }
        }
        guard answer.status == 200 else { throw StatusFault("\(place) answered \(answer.status).") }
        return answer.response.body
    }
}
