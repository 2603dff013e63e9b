import Foundation
import HTTPTypes
import Testing

@testable import WebChannel

@Suite struct DescriptionTests {
    @Test func `health is told to anyone, and nothing else`() async throws {
        try await TestService.lend(.these([])) { service in
            let answer = try await service.curl("/healthz")
            #expect(answer.status == 200)
            #expect(answer.text == #"{"status":"ok"}"#)
            #expect(answer.headers["server"] == nil)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
        }
    }

    @Test func `every route is described, and every description has its route`() async throws {
        try await TestService.lend { service in
            let answer = try await service.curl("/v1/openapi.json")
            #expect(answer.status == 200)
            #expect(answer.json["openapi"] as? String == "3.1.0")
            let paths = try #require(answer.json["paths"] as? [String: [String: Any]])
            for (path, operations) in paths {
                // What is described is there: not 404, and not 405 but for other methods.
                let plain = path.replacingOccurrences(of: "{", with: "").replacingOccurrences(
                    of: "}", with: "")
                for method in ["get", "put", "post", "delete", "patch"] {
                    let answer = try await service.curl(plain, ["-X", method.uppercased()])
                    let isDescribed = operations[method] != nil
                    #expect((answer.status == 405) == !isDescribed, "\(method) \(path): \(answer.status)")
                    #expect(answer.problem != "not-found", "\(method) \(path)")
                }
            }
            let mounted = service.server.routes.routes
            #expect(!mounted.isEmpty)
            #expect(mounted.count == paths.values.map(\.count).reduce(0, +))
            for route in mounted {
                let operation = paths[route.path]?[route.method.rawValue.lowercased()] as? [String: Any]
                #expect(operation?["operationId"] as? String == route.operation.name, "\(route.path)")
            }
            #expect(Set(mounted.map(\.operation.name)).count == mounted.count)
        }
    }

    @Test func `parameters in a path are described as such, and callers are asked for proof`() async throws {
        try await TestService.lend { service in
            for route in service.server.routes.routes {
                let captured = Set(
                    route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                        String($0.dropFirst().dropLast())
                    })
                let described = Set(route.operation.parameters.filter { $0.place == .path }.map(\.name))
                #expect(captured == described, "\(route.path)")
                let json = OpenAPIDocument([route]).json(server: "https://h")
                let security = json["paths"]?[route.path]?[route.method.rawValue.lowercased()]?["security"]
                #expect((security == .array([])) == (route.admission == .anyone))
            }
        }
    }

    @Test func `the page needs nothing but itself, and every type of problem leads into it`() async throws {
        try await TestService.lend { service in
            let page = try await service.curl("/v1/docs")
            #expect(page.status == 200)
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
            #expect(!page.text.contains("<script"))
            #expect(!page.text.contains("http://") && !page.text.contains("src="))
            for route in service.server.routes.routes {
                #expect(page.text.contains(route.path))
                for kind in route.problems {
                    #expect(page.text.contains("id=\"problem-\(kind.word)\""), "\(kind.word)")
                }
            }
            for word in ["not-found", "method-not-allowed"] {
                #expect(page.text.contains("id=\"problem-\(word)\""))
            }
        }
    }

    @Test func `a schema is shown with a line for every member, and stays the same document`() throws {
        let schema: JSONValue = [
            "type": "object", "required": ["a", "b"], "empty": [], "bounds": ["most": 4],
        ]
        let text = schema.indentedText()
        #expect(text.hasPrefix("{\n  \"type\": \"object\",\n  \"required\": [\n    \"a\",\n"))
        let (shown, sent) = try (
            JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary,
            JSONSerialization.jsonObject(with: Data(schema.text.utf8)) as? NSDictionary
        )
        #expect(shown != nil && shown == sent)
    }

    @Test func `what is said is escaped on the page`() {
        let operation = WebOperation(
            name: "a", summary: "<script>alert('x')</script>", details: "a & b \"c\"",
            answers: [WebOperation.Answer(status: .ok, details: "<b>")])
        let route = WebRoute(.get, "/v1/<i>", admits: .anyone, operation: operation) { _, _ in
            throw Problem.notFound("x")
        }
        let html = DescriptionPage([route]).html
        #expect(!html.contains("<script>") && !html.contains("<i>") && !html.contains("<b>"))
        #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
        #expect(html.contains("a &amp; b &quot;c&quot;"))
    }
}
