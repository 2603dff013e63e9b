import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct ShowSetTests {
    private let ticket = Ticket(.set, counter: 7)

    @Test(arguments: [
        ("fr", Language.fr), ("nl-BE, fr;q=0.5", .nl), ("de", .de), ("ja", .en),
    ])
    func `a refusal is told in the language asked for`(header: String, language: Language) async throws {
        try await TestSender.lend { sender async throws in
            sender.service.reports.tell(
                try sender.report(on: ticket, .refused, codes: [.malformedDeclarationName, .noData]))
            let answer = try await sender.ask("/v1/sets/\(ticket)", ["-H", "Accept-Language: \(header)"])
            #expect(answer.status == 200)
            #expect(answer.headers["content-language"] == language.rawValue)
            let codes = try #require(answer.json["codes"] as? [[String: String]])
            #expect(codes.map { $0["code"] } == ["ACRF-131", "ACRF-134"])
            #expect(codes[0]["sentence"] == ReceptionCode.malformedDeclarationName.sentence(in: language))
            #expect(codes[1]["mend"] == ReceptionCode.noData.mend(in: language))
            let steps = try #require(answer.json["steps"] as? [[String: Any]])
            #expect(steps.first?["number"] as? Int == 1)
            #expect((steps.first?["findings"] as? [[String: Any]])?.first?["detail"] as? String == "Because.")
            #expect(answer.json["receivedAt"] as? String == "2023-11-14T22:13:20Z")
            #expect(answer.json["decidedAt"] == nil)
        }
    }

    @Test func `a representation the caller has is not sent again`() async throws {
        try await TestSender.lend { sender async throws in
            sender.service.reports.tell(try sender.report(on: ticket, .received))
            let first = try await sender.ask("/v1/sets/\(ticket)")
            let tag = try #require(first.headers["etag"])
            let second = try await sender.ask("/v1/sets/\(ticket)", ["-H", "If-None-Match: \(tag)"])
            #expect(second.status == 304)
            #expect(second.body.isEmpty)
            sender.service.reports.tell(try sender.report(on: ticket, .accepted))
            let third = try await sender.ask("/v1/sets/\(ticket)", ["-H", "If-None-Match: \(tag)"])
            #expect(third.status == 200)
            #expect(third.json["verdict"] as? String == "accepted")
        }
    }

    @Test func `a set of another sender, an unknown ticket and none at all are not found`() async throws {
        try await TestSender.lend { sender async throws in
            sender.service.reports.tell(try sender.report(on: ticket, .accepted))
            let stranger = try await sender.another()
            for path in ["\(ticket)", "\(Ticket(.set, counter: 8))", "03800000001AZ", "x", "%2e%2e"] {
                let answer = try await stranger.ask("/v1/sets/\(path)", ["-H", "Prefer: wait=30"])
                #expect(
                    answer.status == 404 || path.hasPrefix("%") && answer.status == 400,
                    "\(path): \(answer.status)")
            }
            #expect(sender.service.reports.waiters(for: ticket) == 0)
        }
    }

    @Test func `a wait ends when the receipt can be read`() async throws {
        try await TestSender.lend { sender async throws in
            sender.service.reports.tell(try sender.report(on: ticket, .received))
            async let answer = sender.ask("/v1/sets/\(ticket)", ["-H", "Prefer: wait=60"])
            #expect(try await eventually { sender.service.reports.waiters(for: ticket) == 1 })
            sender.service.reports.tell(
                try sender.report(on: ticket, .routed, receipt: "ACRF.999999.20260102.00001.R"))
            #expect(try await answer.json["state"] as? String == "routed")
        }
    }

    @Test func `a wait that ends with nothing shows what is there`() async throws {
        try await TestSender.lend { sender async throws in
            sender.service.reports.tell(try sender.report(on: ticket, .received))
            let answer = try await sender.ask("/v1/sets/\(ticket)", ["-H", "Prefer: wait=1"])
            #expect(answer.status == 200)
            #expect(answer.headers["preference-applied"] == "wait=1")
            #expect(answer.json["state"] as? String == "received")
            #expect(answer.json["verdict"] == nil)
        }
    }

    @Test func `of one sender so many requests wait, and others are answered at once`() async throws {
        try await TestSender.lend(configure: { $0.limits.waitsPerSender = 1 }) { sender async throws in
            sender.service.reports.tell(try sender.report(on: ticket, .received))
            let patient = ["-H", "Prefer: wait=60"]
            async let first = sender.ask("/v1/sets/\(ticket)", patient)
            #expect(try await eventually { sender.service.reports.waiters(for: ticket) == 1 })
            for path in ["/v1/sets/\(ticket)", "/v1/answers"] {
                let answer = try await sender.ask(path, patient)
                #expect(answer.status == 200)
                #expect(answer.headers["preference-applied"] == nil, "\(path)")
            }
            let other = try await sender.another().ask("/v1/answers", ["-H", "Prefer: wait=1"])
            #expect(other.headers["preference-applied"] == "wait=1")
            sender.service.reports.tell(
                try sender.report(on: ticket, .routed, receipt: "ACRF.999999.20260102.00001.R"))
            #expect(try await first.headers["preference-applied"] == "wait=60")
            let next = try await sender.ask("/v1/sets/\(ticket)", patient)
            #expect(next.headers["preference-applied"] == "wait=60")
        }
    }

    @Test func `a token without the application of the set does not show it`() async throws {
        try await TestSender.lend(applications: ["dmfa", "dimona"]) { sender async throws in
            sender.service.reports.tell(try sender.report(on: ticket, .accepted))
            for (scope, status) in [("scope:dimona:set:consult", 403), ("scope:dmfa:set:consult", 200)] {
                let token = try await sender.service.token(with: sender.key, scope: scope)
                let answer = try await sender.service.curl(
                    "/v1/sets/\(ticket)", ["-H", "Authorization: Bearer \(token)"])
                #expect(answer.status == status)
            }
        }
    }
}
