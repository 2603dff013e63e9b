import Exchange
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

@testable import WebChannel

/// Routes that show what the frame gives to routes.
final class TestRoutes: WebRoutes {
    /// What a body ended with: its bytes, or that it was cut.
    enum Ending: Sendable, Hashable {
        case whole(Int)
        case cut
    }

    private let waiters = Mutex(0)
    private let readers = Mutex(0)
    private let endings = Mutex<[Ending]>([])

    /// How the bodies ended that were read so far.
    var bodies: [Ending] { endings.withLock { $0 } }

    /// Bodies that are read, or have been.
    var begun: Int { readers.withLock { $0 } }

    /// Requests that wait, or have.
    var waiting: Int { waiters.withLock { $0 } }

    var routes: [WebRoute] {
        [
            WebRoute(.get, "/v1/whoami", admits: .callers(.consult), operation: Self.operation("whoAmI")) {
                _, context in
                guard let caller = context.caller else { throw Problem.malformed("nobody") }
                return Response.json(
                    [
                        "sender": .string(caller.sender.description), "proof": .string(caller.proof.rawValue),
                        "scopes": .array(caller.scopes.sorted().map { .string($0.description) }),
                        "language": .string(context.language.rawValue),
                    ], cached: "no-store")
            },
            WebRoute(.get, "/v1/whoami/{name}", admits: .anyone, operation: Self.operation("named")) {
                _, context in
                Response.json(["name": .string(context.parameters.get("name") ?? "")], cached: "no-store")
            },
            WebRoute(.post, "/v1/swallow", admits: .callers(.send), operation: Self.taking) {
                [self] request, context in
                readers.withLock { $0 += 1 }
                do {
                    var count = 0
                    for try await bytes in request.body { count += bytes.readableBytes }
                    _ = try await context.callerStillProven
                    endings.withLock { $0.append(.whole(count)) }
                    return Response.json(["bytes": .integer(Int64(count))], cached: "no-store")
                } catch {
                    endings.withLock { $0.append(.cut) }
                    throw error
                }
            },
            WebRoute(.post, "/v1/ignore", admits: .callers(.send), operation: Self.operation("ignore")) {
                _, _ in
                Response.json([:], cached: "no-store")
            },
            WebRoute(.get, "/v1/wait", admits: .anyone, operation: Self.operation("wait")) { [self] _, _ in
                waiters.withLock { $0 += 1 }
                try await Task.sleep(for: .seconds(1))
                return Response.json(["waited": true], cached: "no-store")
            },
            WebRoute(.get, "/v1/pour", admits: .anyone, operation: Self.operation("pour")) { [self] _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody { [self] writer in
                        do {
                            for _ in 0..<2000 {
                                try await writer.write(ByteBuffer(repeating: 7, count: 65_536))
                            }
                            try await writer.finish(nil)
                        } catch {
                            endings.withLock { $0.append(.cut) }
                            throw error
                        }
                    })
            },
            WebRoute(.get, "/v1/break", admits: .anyone, operation: Self.operation("break")) { _, _ in
                throw Program.Fault(description: "secret reason")
            },
        ]
    }

    private static func operation(_ name: String) -> WebOperation {
        WebOperation(
            name: name, summary: name, details: name,
            answers: [WebOperation.Answer(status: .ok, details: "It was.")])
    }

    private static var taking: WebOperation {
        var operation = operation("swallow")
        operation.body = WebOperation.Content(mediaType: "application/octet-stream", schema: [:])
        return operation
    }
}

/// Polls until it is so, for a minute at least.
func eventually(_ isSo: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<600 {
        if try await isSo() { return true }
        try await Task.sleep(for: .milliseconds(100))
    }
    return false
}
