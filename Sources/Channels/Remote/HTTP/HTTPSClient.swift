internal import Synchronization

/// Speaks HTTPS with one or several servers: one request, one answer, bodies streamed. Follows no redirection, keeps no
/// cookie, repeats nothing by itself.
///
/// Safe to call from any thread; each call blocks its thread until the answer is complete or a time-out of the settings
/// has passed. At most `keeping` connections are kept open between calls.
public final class HTTPSClient: Sendable {
    private let settings: HTTPSSettings
    private let keeping: Int
    private let isAbandoned: @Sendable () -> Bool
    private let idle = Mutex<[HTTPSConnection]>([])

    /// - Parameter isAbandoned: asked about once a second during a request; true ends it as `.stopped`.
    public init(
        _ settings: HTTPSSettings, keeping: Int = 2,
        until isAbandoned: @escaping @Sendable () -> Bool = { false }
    ) {
        self.settings = settings
        self.keeping = keeping
        self.isAbandoned = isAbandoned
    }

    /// Sends a request and collects the answer, whatever its status: up to `longestAnswer` bytes, of which more is
    /// `.tooMuch` when the status is 2xx, and cut off otherwise.
    ///
    /// - Parameter sending: is told how many bytes of the body were handed over so far; what it throws ends the request
    ///   and is the cause of `.stopped`.
    public func send(
        _ request: HTTPSRequest, body: HTTPSBody? = nil, sending: ((UInt64) throws -> Void)? = nil
    ) throws(RemoteFault) -> HTTPSResponse {
        try exchange(
            HTTPSTurn(request: request, body: body, sending: sending),
            HTTPSAnswer(collecting: settings.longestAnswer, sink: nil, limit: 0))
    }

    /// As `send`, but the body of a 2xx answer goes to `take`, piece by piece and never more than `limit` bytes; what
    /// `take` throws ends the request and is the cause of `.stopped`. Of any other answer the body is collected.
    public func fetch(
        _ request: HTTPSRequest, atMost limit: UInt64, take: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws(RemoteFault) -> HTTPSResponse {
        try exchange(
            HTTPSTurn(request: request, body: nil, sending: nil),
            HTTPSAnswer(collecting: settings.longestAnswer, sink: take, limit: limit))
    }

    /// A connection that broke is closed; any other is kept for the next call.
    private func exchange(_ turn: HTTPSTurn, _ answer: HTTPSAnswer) throws(RemoteFault) -> HTTPSResponse {
        let connection: HTTPSConnection
        if let kept = idle.withLock({ $0.popLast() }) {
            connection = kept
        } else {
            connection = try HTTPSConnection(settings, until: isAbandoned)
        }
        let response = try connection.run(turn, answer)
        idle.withLock { if $0.count < keeping { $0.append(connection) } }
        return response
    }
}
