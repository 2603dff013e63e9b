internal import Exchange
internal import Hummingbird
internal import Logging

extension HomeFault {
    /// What the caller is told of it. Nothing of the disk is.
    var problem: Problem {
        switch self {
        case .noSuchFile: .notFound("There is no such resource.")
        case .alreadyExists, .superseded, .notAllowed:
            .conflict("Another request changed this set at the same time.")
        case .tooLarge: .tooLarge("A file has more bytes than one may have.")
        case .tooManyFiles:
            .tooMany("The sender has too many files or bytes on their way in.", retryAfter: 60)
        case .outOfSpace: .unavailable("There is no room for files now.", retryAfter: 60)
        case .failed: .unavailable("The files cannot be reached now.", retryAfter: 10)
        }
    }
}

/// What `body` answers, or the problem that its error is.
func answering(
    _ context: WebContext, _ body: () async throws -> Response
) async throws -> Response {
    do {
        return try await body()
    } catch let fault as HomeFault {
        if case .failed(let reason) = fault {
            context.logger.error("the spool failed", metadata: ["reason": "\(reason)"])
        }
        throw fault.problem
    } catch let fault as MultipartFault {
        throw fault.problem
    } catch let refusal as SetComposition.Refusal {
        throw refusal.problem
    } catch is WebThreads.Stopped {
        throw Problem.unavailable("The service is stopping.", retryAfter: 10)
    }
}
