internal import Exchange
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// What every request passes first and every answer last: refuses requests that are no good for any route, and
/// turns whatever was thrown into a problem document.
struct FrontDoor: RouterMiddleware {
    typealias Context = WebContext

    let routes: RouteTable
    let rate: RequestRate<PeerNetwork>

    func handle(
        _ request: Request, context: WebContext,
        next: @concurrent (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.language = Language(accepted: request.headers[.acceptLanguage])
        var response: Response
        do {
            try vet(request)
            if let seconds = rate.take(for: context.connection.peer, at: WebClock.now()) {
                throw Problem.tooMany(
                    "Too many requests from this address.", retryAfter: Int(seconds.rounded(.up)))
            }
            response = try await next(request, context)
        } catch {
            response = try answer(to: error, request, context)
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        response.headers[.xContentTypeOptions] = "nosniff"
        // What a problem says is no answer to HEAD (RFC 9110 section 9.3.2).
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func vet(_ request: Request) throws(Problem) {
        let target = request.head.path ?? ""
        guard target.utf8.count <= WebLimits.targetBytes else {
            throw Problem(.targetTooLong, "The target has more than \(WebLimits.targetBytes) bytes.")
        }
        guard RequestTarget.isCanonical(target) else {
            throw .malformed("The target is no path of this service.")
        }
        guard request.head.authority?.isEmpty == false,
            !request.headers.contains(where: { $0.name.canonicalName == "host" })
        else {
            throw .malformed("A request names its host, once.")
        }
        guard request.headers[.contentEncoding].map({ $0.lowercased() == "identity" }) ?? true else {
            throw .unsupported("A body is taken as it is, without Content-Encoding.")
        }
        guard request.headers[.expect].map({ $0.lowercased() == "100-continue" }) ?? true else {
            throw Problem(.expectationFailed, "Nothing can be expected but 100-continue.")
        }
    }

    /// - Throws: what cannot be answered, because the connection is gone.
    private func answer(to error: any Error, _ request: Request, _ context: WebContext) throws -> Response {
        switch error {
        case let problem as Problem: return problem.response(from: request, context: context)
        case is RequestGuard.BodyCut, is CancellationError, is ChannelError, is IOError:
            context.logger.debug(
                "the peer of a web request is gone", metadata: ["from": "\(context.connection.peer)"])
            throw error
        case let error as HTTPError where error.status == .notFound:
            return routes.problem(forUnknown: request).response(from: request, context: context)
        case let error as any HTTPResponseError:
            // Hummingbird's own: a decoder's, or of bodies that are too large.
            guard error.status.kind == .clientError else { break }
            return try error.response(from: request, context: context)
        default: break
        }
        context.logger.error("the web service failed", metadata: ["reason": "\(error)"])
        return Problem(.fault, "The service failed.").response(from: request, context: context)
    }
}
