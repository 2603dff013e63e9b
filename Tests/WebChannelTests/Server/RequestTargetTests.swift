import HTTPTypes
import Hummingbird
import Testing

@testable import WebChannel

@Suite struct RequestTargetTests {
    @Test(arguments: ["/", "/healthz", "/v1/sets/0380?a=b&c=%C3%A9", "/v1/a%20b", "/v1/a;b=c", "/v1/%2e%2ex"])
    func `plain targets pass`(target: String) {
        #expect(RequestTarget.isCanonical(target))
    }

    @Test(arguments: [
        "", "*", "v1", "//", "/v1//sets", "/v1/sets/", "/v1/./sets", "/v1/../sets", "/v1/%2e%2e/sets",
        "/v1/%2E",
        "/v1/a%2Fb", "/v1/a%5cb", "/v1/a\\b", "/v1/a%00", "/v1/a%0a", "/v1/a%7F", "/v1/a%", "/v1/a%4",
        "/v1/a%zz",
        "/v1/é", "/v1/a b", "/v1/a#b", "/v1/a?b#c", "/v1/a?b c", "https://h/v1", "/v1/a<b",
    ])
    func `tricks with paths are refused`(target: String) {
        #expect(!RequestTarget.isCanonical(target))
    }

    @Test func `a word in a path comes before what captures it`() {
        let operation = WebOperation(name: "a", summary: "a", details: "a", answers: [])
        func route(_ method: HTTPRequest.Method, _ path: String) -> WebRoute {
            WebRoute(method, path, admits: .anyone, operation: operation) { _, _ in throw Problem.notFound("")
            }
        }
        let table = RouteTable(routes: [route(.put, "/v1/{set}/{file}"), route(.post, "/v1/{set}/close")])
        func allowed(_ path: String) -> String? {
            let head = HTTPRequest(method: .patch, scheme: "https", authority: "h", path: path)
            let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
            return table.problem(forUnknown: request).headers[.allow]
        }
        #expect(allowed("/v1/7/close") == "POST")
        #expect(allowed("/v1/7/FI") == "PUT")
    }

    @Test func `a path that another method has is told so`() {
        let table = RouteTable(routes: TestRoutes().routes)
        func problem(_ path: String) -> Problem {
            let head = HTTPRequest(method: .delete, scheme: "https", authority: "h", path: path)
            return table.problem(forUnknown: Request(head: head, body: RequestBody(buffer: ByteBuffer())))
        }
        #expect(problem("/v1/swallow").kind == .methodNotAllowed)
        #expect(problem("/v1/swallow").headers[.allow] == "POST")
        #expect(problem("/v1/whoami/x").kind == .methodNotAllowed)
        #expect(problem("/v1/whoami/x/y").kind == .notFound)
        #expect(problem("/v1/elsewhere").kind == .notFound)
    }
}
