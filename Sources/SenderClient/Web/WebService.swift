internal import Channels
internal import Foundation

/// The web service of a receiver, as its operations are asked for. Any thread may call.
final class WebService: Sendable {
    let address: String
    private let client: HTTPSClient
    private let tokens: AccessTokens?

    typealias Headers = [(name: String, value: String)]

    init(_ settings: WebSettings, connections: Int, timing: Timing) {
        var https = HTTPSSettings(trust: settings.trust)
        if case .certificate(let identity) = settings.proof { https.identity = identity }
        let client = HTTPSClient(https, keeping: connections)
        self.client = client
        address = settings.base
        switch settings.proof {
        case .certificate: tokens = nil
        case .assertion(let key, let clientID):
            tokens = AccessTokens(
                key: key, clientID: clientID, base: settings.base, audience: settings.audience,
                client: client,
                timing: timing)
        }
    }

    /// Asks, and collects the answer; what is no success is thrown, with a `WebRefusal` as its cause.
    func send(
        _ method: String, _ path: String, _ headers: Headers = [], body: HTTPSBody? = nil,
        sending: ((UInt64) throws -> Void)? = nil
    ) throws(RemoteFault) -> HTTPSResponse {
        try authorised(method, path, headers) { (request) throws(RemoteFault) in
            try client.send(request, body: body, sending: sending)
        }
    }

    /// Asks for a document of a known form.
    func read<Document: Decodable>(
        _ type: Document.Type, _ path: String, _ headers: Headers = []
    ) throws(RemoteFault) -> Document {
        try WebService.decode(type, try send("GET", path, headers))
    }

    /// Hands the bytes of an answer to `take`; at most `limit`.
    func fetch(
        _ path: String, atMost limit: UInt64, take: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) {
        _ = try authorised("GET", path, []) { (request) throws(RemoteFault) in
            try client.fetch(request, atMost: limit, take: take)
        }
    }

    static func decode<Document: Decodable>(
        _ type: Document.Type, _ response: HTTPSResponse
    ) throws(RemoteFault) -> Document {
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch {
            throw RemoteFault(.garbled, "the answer of the service cannot be read")
        }
    }

    /// A token that the service does not know any more is replaced once.
    private func authorised(
        _ method: String, _ path: String, _ headers: Headers,
        _ ask: (HTTPSRequest) throws(RemoteFault) -> HTTPSResponse
    ) throws(RemoteFault) -> HTTPSResponse {
        for attempt in 0..<2 {
            let token = try tokens?.current()
            let proof: Headers = token.map { [("Authorization", "Bearer \($0)")] } ?? []
            guard path.hasPrefix("/"),
                let request = HTTPSRequest(method, address + path, headers: headers + proof)
            else {
                throw RemoteFault(.garbled, "the service named an address that is none")
            }
            let response = try ask(request)
            if response.isSuccess { return response }
            guard response.status == 401, attempt == 0, let token else {
                throw WebRefusal.fault(response, asking: "\(method) \(Shown.text(path.prefix { $0 != "?" }))")
            }
            tokens?.forget(token)
        }
        preconditionFailure("the second attempt returns or throws")
    }
}
