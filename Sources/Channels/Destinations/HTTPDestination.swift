public import Exchange

/// Delivers sets to a web service of the back-end: one `POST` for each, `multipart/form-data` with the part `manifest`
/// and a part `file` for each FI, `Idempotency-Key: <ticket>` and `Content-Digest`.
///
/// What the back-end keeps to: it answers 2xx when it has the set durably, and to a key that it has had already again
/// 2xx, or 409 with the same `Idempotency-Key` in the answer. Whatever else it says or does not say defers the set,
/// 409 without the key included, as that may mean that it is not done with an earlier attempt.
public struct HTTPDestination: Destination {
    private let client: HTTPSClient
    private let url: String
    private let tokenFile: String?

    /// Nil unless `url` begins with `https://` and is complete.
    ///
    /// - Parameters:
    ///   - tokenFile: a file with the text that follows `Bearer`; read for every delivery, so that it may be renewed.
    ///   - keeping: the connections that stay open between deliveries. While one is under way it has its own.
    ///   - isAbandoned: asked about once a second during a delivery; true defers the set, in the midst of it.
    public init?(
        url: String, settings: HTTPSSettings, tokenFile: String? = nil, keeping: Int = 2,
        until isAbandoned: @escaping @Sendable () -> Bool = { false }
    ) {
        guard HTTPSRequest("POST", url) != nil else { return nil }
        self.url = url
        self.tokenFile = tokenFile
        client = HTTPSClient(settings, keeping: keeping, until: isAbandoned)
    }

    public func deliver(_ delivery: Delivery) throws(Deferral) {
        let form = try DeliveryForm(delivery)
        let key = delivery.ticket.description
        var headers = [
            (name: "Idempotency-Key", value: key), ("Content-Type", form.contentType),
            ("Content-Digest", form.digest), ("Accept", "application/json, text/plain, */*;q=0.1"),
        ]
        if let tokenFile {
            headers.append(("Authorization", "Bearer \(try HTTPDestination.token(tokenFile))"))
        }
        guard let request = HTTPSRequest("POST", url, headers: headers) else {
            throw Deferral(.destinationUnavailable, "The token in \(tokenFile ?? "") cannot be sent.")
        }
        let response: HTTPSResponse
        do {
            response = try client.send(request, body: form.body)
        } catch {
            throw Deferral(
                error.cause is HTTPSBodyReader.Unreadable ? .diskFault : .destinationUnavailable,
                "The back-end did not take the set: \(error.sentence)")
        }
        let isTakenBefore = response.status == 409 && response.headers["idempotency-key"] == key
        guard response.isSuccess || isTakenBefore else {
            let words = response.body.isEmpty ? "." : ": " + peerWords(response.body)
            throw Deferral(
                .destinationUnavailable, "The back-end \(request.origin) answered \(response.status)\(words)")
        }
    }

    /// The back-end remembers tickets as long as it sees fit; nothing of ours is kept there.
    public func confirm(_ tickets: [Ticket]) {}

    private static func token(_ path: String) throws(Deferral) -> String {
        let bytes: [UInt8]
        do throws(SmallFileFault) {
            bytes = try readSmallFile(path, atMost: 16 * 1024)
        } catch {
            throw Deferral(
                .destinationUnavailable, "The token file \(path) cannot be read: \(error.reason).")
        }
        let token = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        guard !token.isEmpty else {
            throw Deferral(.destinationUnavailable, "The token file \(path) is empty.")
        }
        return token
    }
}
