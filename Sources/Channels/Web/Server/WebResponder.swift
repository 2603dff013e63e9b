internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Gives each request its context and writes the answer.
struct WebResponder: Sendable {
    let router: RouterResponder<WebContext>
    let logger: Logger

    /// - Throws: when there is nobody to answer any more; the connection or stream is closed then.
    @concurrent func respond(
        to request: Request, _ writer: consuming ResponseWriter, on channel: any Channel
    ) async throws {
        let id = RequestID()
        var logger = logger
        logger[metadataKey: "hb.request.id"] = .stringConvertible(id)
        let context = WebContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        var response = try await router.respond(to: request, context: context)
        response.headers[.date] = Date().httpDate
        response.headers[.xRequestID] = id.description
        logger.debug(
            "web request",
            metadata: [
                "from": "\(context.connection.peer)", "method": "\(request.method)",
                "path": "\(context.endpointPath ?? "unknown")", "status": "\(response.status.code)",
            ])
        try await writer.write(response: response.head, body: response.body)
    }
}
