import Crypto
import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct AnswerRouteTests {
    private let ticket = Ticket(.set, counter: 7)
    private let document = Array("<ACRF>0123456789</ACRF>".utf8)

    @Test func `answers are listed oldest first, a page at a time`() async throws {
        try await TestSender.lend { sender async throws in
            let stems = (1...5).map { "ACRF.999999.20260102.0000\($0).R" }
            for stem in stems { sender.service.shelf.publish(stem, to: sender.number, about: ticket) }
            let first = try await sender.ask("/v1/answers?limit=2")
            #expect(first.status == 200)
            #expect(ids(first) == Array(stems.prefix(2)))
            let link = try #require(first.headers["link"])
            #expect(link.hasSuffix(">; rel=\"next\""))
            let second = try await sender.ask(String(link.dropFirst().prefix { $0 != ">" }))
            #expect(ids(second) == Array(stems[2..<4]))
            let cursor = try #require(second.json["cursor"] as? String)
            let third = try await sender.ask("/v1/answers?cursor=\(cursor)&limit=2")
            #expect(ids(third) == [stems[4]])
            #expect(third.headers["link"] == nil)
            let last = try #require(third.json["cursor"] as? String)
            let none = try await sender.ask("/v1/answers?cursor=\(last)")
            #expect(ids(none) == [])
            #expect(none.json["cursor"] as? String == last)
        }
    }

    @Test(arguments: [
        "cursor=1", "cursor=c-1", "cursor=cZ", "cursor=c99999999999999", "cursor=", "limit=0", "limit=1001",
        "limit=x",
        "unconfirmed=yes",
    ])
    func `a query that cannot be understood is refused`(query: String) async throws {
        try await TestSender.lend { sender async throws in
            #expect(try await sender.ask("/v1/answers?\(query)").status == 400)
        }
    }

    @Test func `a wait ends with the first new answer`() async throws {
        try await TestSender.lend { sender async throws in
            async let answer = sender.ask("/v1/answers", ["-H", "Prefer: wait=60"])
            #expect(try await eventually { sender.service.shelf.looks(after: 0) > 0 })
            sender.service.shelf.publish("ACRF.999999.20260102.00001.R", to: sender.number, about: ticket)
            let page = try await answer
            #expect(ids(page) == ["ACRF.999999.20260102.00001.R"])
            #expect(page.headers["preference-applied"] == "wait=60")
            let nothing = try await sender.ask("/v1/answers?cursor=c5", ["-H", "Prefer: wait=1"])
            #expect(ids(nothing) == [])
        }
    }

    @Test func `an answer says what it answers and where its files are`() async throws {
        try await TestSender.lend { sender async throws in
            let stem = publish(to: sender)
            let answer = try await sender.ask("/v1/answers/\(stem)")
            #expect(answer.status == 200)
            #expect(answer.json["id"] as? String == stem)
            #expect(answer.json["ticket"] as? String == ticket.description)
            #expect(answer.json["directory"] as? String == "OUT")
            #expect(answer.json["isConfirmed"] as? Bool == false)
            let files = try #require(answer.json["files"] as? [[String: Any]])
            #expect(
                files.compactMap { $0["location"] as? String }
                    == ["FO", "FS"].map { "/v1/answers/\(stem)/\($0)" })
            #expect(files.first?["size"] as? Int == document.count)
            let tag = try #require(answer.headers["etag"])
            #expect(
                try await sender.ask("/v1/answers/\(stem)", ["-H", "If-None-Match: \(tag)"]).status == 304)
        }
    }

    @Test func `files come byte for byte, with their digest`() async throws {
        try await TestSender.lend { sender async throws in
            let stem = publish(to: sender)
            let answer = try await sender.ask("/v1/answers/\(stem)/FO")
            #expect(answer.status == 200)
            #expect(answer.body == document)
            #expect(answer.headers["content-type"] == "application/xml")
            #expect(answer.headers["content-length"] == String(document.count))
            #expect(answer.headers["content-digest"] == digest(document))
            let tag = try #require(answer.headers["etag"])
            #expect(
                try await sender.ask("/v1/answers/\(stem)/FO", ["-H", "If-None-Match: \(tag)"]).status == 304)
            #expect(try await sender.ask("/v1/answers/\(stem)/FS").text == "sig")
        }
    }

    @Test func `one range is sent, several are the whole file, one outside is refused`() async throws {
        try await TestSender.lend { sender async throws in
            let stem = publish(to: sender)
            func ask(_ range: String, _ more: [String] = []) async throws -> Curl {
                try await sender.ask("/v1/answers/\(stem)/FO", ["-H", "Range: \(range)"] + more)
            }
            let part = try await ask("bytes=6-9")
            #expect(part.status == 206)
            #expect(part.text == "0123")
            #expect(part.headers["content-range"] == "bytes 6-9/\(document.count)")
            #expect(part.headers["content-digest"] == digest(Array("0123".utf8)))
            #expect(try await ask("bytes=-7").text == "</ACRF>")
            #expect(try await ask("bytes=0-1,3-4").status == 200)
            let outside = try await ask("bytes=1000-")
            #expect(outside.status == 416)
            #expect(outside.headers["content-range"] == "bytes */\(document.count)")
            #expect(try await ask("bytes=6-9", ["-H", "If-Range: \"other\""]).status == 200)
            let tag = try #require(part.headers["etag"])
            #expect(try await ask("bytes=6-9", ["-H", "If-Range: \(tag)"]).status == 206)
        }
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `HEAD is answered as GET, without the body`(version: String) async throws {
        try await TestSender.lend { sender async throws in
            let stem = publish(to: sender)
            for path in ["/v1/answers", "/v1/answers/\(stem)", "/v1/answers/\(stem)/FO", "/healthz"] {
                let whole = try await sender.ask(path, [version])
                let head = try await sender.ask(path, [version, "--head", "-H", "Range: bytes=6-9"])
                #expect(head.status == 200, "\(path)")
                for name in ["content-length", "content-type", "etag", "content-digest"] {
                    #expect(head.headers[name] == whole.headers[name], "\(path): \(name)")
                }
            }
            let none = try await sender.service.curl("/v1/answers", ["--head"])
            #expect(none.status == 401)
            let other = try await sender.ask("/v1/answers", ["-X", "PUT"])
            #expect(other.headers["allow"] == "GET, HEAD")
        }
    }

    @Test func `a large answer is sent whole and in ranges`() async throws {
        try await TestSender.lend { sender async throws in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let stem = publish(to: sender, bytes)
            let isSame = try await sender.ask("/v1/answers/\(stem)/FO").body == bytes
            #expect(isSame)
            let part = try await sender.ask("/v1/answers/\(stem)/FO", ["-H", "Range: bytes=100000-2500000"])
            let isPart = part.body == Array(bytes[100_000...2_500_000])
            #expect(isPart)
        }
    }

    @Test func `a confirmed answer stays readable and can be left out of lists`() async throws {
        try await TestSender.lend { sender async throws in
            let stem = publish(to: sender)
            for _ in 0..<2 {
                #expect(
                    try await sender.ask("/v1/answers/\(stem)/confirmation", ["-X", "POST"]).status == 204)
            }
            #expect(ids(try await sender.ask("/v1/answers?unconfirmed=true")) == [])
            #expect(ids(try await sender.ask("/v1/answers?unconfirmed=false")) == [stem])
            #expect(try await sender.ask("/v1/answers/\(stem)").json["isConfirmed"] as? Bool == true)
        }
    }

    @Test func `a removed answer is gone, also for the second removal`() async throws {
        try await TestSender.lend { sender async throws in
            let stem = publish(to: sender)
            #expect(try await sender.ask("/v1/answers/\(stem)", ["-X", "DELETE"]).status == 204)
            #expect(try await sender.ask("/v1/answers/\(stem)", ["-X", "DELETE"]).status == 404)
            #expect(try await sender.ask("/v1/answers/\(stem)").status == 404)
        }
    }

    @Test func `answers of others and words that are no stem are not found`() async throws {
        try await TestSender.lend { sender async throws in
            let stem = publish(to: sender)
            let stranger = try await sender.another()
            for path in [
                stem, "\(stem)/FO", "\(stem)/FS", "x", "ACRF.999999.20260102.00001.R.1", "FO.\(stem)",
                "\(stem)/GO",
            ] {
                #expect(try await stranger.ask("/v1/answers/\(path)").status == 404, "\(path)")
            }
            #expect(try await stranger.ask("/v1/answers/\(stem)", ["-X", "DELETE"]).status == 404)
            #expect(try await stranger.ask("/v1/answers/\(stem)/confirmation", ["-X", "POST"]).status == 404)
            #expect(ids(try await stranger.ask("/v1/answers")) == [])
            #expect(try await sender.ask("/v1/answers/\(stem)").json["isConfirmed"] as? Bool == false)
        }
    }

    @Test func `a token for handing over alone reads no answers`() async throws {
        try await TestSender.lend { sender async throws in
            let stem = publish(to: sender)
            let token = try await sender.service.token(with: sender.key, scope: "scope:dmfa:set:send")
            for path in ["", "/\(stem)", "/\(stem)/FO"] {
                let answer = try await sender.service.curl(
                    "/v1/answers\(path)", ["-H", "Authorization: Bearer \(token)"])
                #expect(answer.status == 403)
            }
        }
    }

    @Test func `a token lists, reads, confirms and removes answers of its applications only`() async throws {
        try await TestSender.lend(applications: ["dimona", "dmfa"]) { sender async throws in
            let stems = (1...3).map { "ACRF.999999.20260102.0000\($0).R" }
            let names = [
                "GO.DIMN.006400.20230420.00001.R.1", "GO.DMFA.006400.20230420.00001.R.1", "GO.NONSENSE",
            ]
            let home = sender.service.homes.home(of: sender.number)
            for (index, (stem, name)) in zip(stems, names).enumerated() {
                let ticket = Ticket(.set, counter: Int64(index))
                sender.service.reports.tell(try sender.report(on: ticket, .routed, name: name))
                for prefix in ["FO", "FS"] { home.put("x".utf8, "\(prefix).\(stem)", in: .outgoing) }
                sender.service.shelf.publish(stem, to: sender.number, about: ticket)
            }
            let token = try await sender.service.token(with: sender.key, scope: "scope:dmfa:set:consult")
            func ask(_ path: String, _ method: String = "GET") async throws -> Curl {
                try await sender.service.curl(
                    "/v1/answers" + path, ["-X", method, "-H", "Authorization: Bearer \(token)"])
            }
            let operations = [
                ("", "GET", 200), ("/FO", "GET", 200), ("/FS", "GET", 200), ("/confirmation", "POST", 204),
                ("", "DELETE", 204),
            ]
            #expect(ids(try await ask("")) == [stems[1], stems[2]])
            let one = try await ask("?limit=1")
            #expect(ids(one) == [stems[1]])
            let link = try #require(one.headers["link"])
            #expect(ids(try await sender.ask(String(link.dropFirst().prefix { $0 != ">" }))) == [stems[2]])
            for (path, method, status) in operations {
                let refused = try await ask("/\(stems[0])\(path)", method)
                #expect(refused.status == 403, "\(method) \(path)")
                #expect(refused.problem == "forbidden")
                #expect(try await ask("/\(stems[1])\(path)", method).status == status, "\(method) \(path)")
            }
            // For the certificate all is as it was.
            #expect(ids(try await sender.ask("/v1/answers?unconfirmed=true")) == [stems[0], stems[2]])
        }
    }

    @Test func `an answer a token may not see does not end its wait`() async throws {
        try await TestSender.lend(applications: ["dimona", "dmfa"]) { sender async throws in
            let token = try await sender.service.token(with: sender.key, scope: "scope:dmfa:set:consult")
            async let waiting = sender.service.curl(
                "/v1/answers", ["-H", "Authorization: Bearer \(token)", "-H", "Prefer: wait=60"])
            #expect(try await eventually { sender.service.shelf.looks(after: 0) > 0 })
            for (number, purpose) in [(1, "DIMN"), (2, "DMFA")] {
                let ticket = Ticket(.set, counter: Int64(number))
                sender.service.reports.tell(
                    try sender.report(on: ticket, .routed, name: "GO.\(purpose).006400.20230420.00001.R.1"))
                sender.service.shelf.publish(
                    "ACRF.999999.20260102.0000\(number).R", to: sender.number, about: ticket)
                // The wait goes on behind the first.
                let isBehind = try await eventually {
                    number == 2 || sender.service.shelf.looks(after: 1) > 0
                }
                #expect(isBehind)
            }
            #expect(ids(try await waiting) == ["ACRF.999999.20260102.00002.R"])
        }
    }

    @Test func `a shelf that cannot be read is put off`() async throws {
        try await TestSender.lend { sender async throws in
            sender.service.shelf.fail(with: .failed("/var/spool/ledger: locked"))
            let answer = try await sender.ask("/v1/answers")
            #expect(answer.status == 503)
            #expect(!answer.text.contains("ledger"))
        }
    }

    private func publish(to sender: TestSender, _ bytes: [UInt8]? = nil) -> String {
        let stem = "ACRF.999999.20260102.00001.R"
        let home = sender.service.homes.home(of: sender.number)
        home.put(bytes ?? document, "FO.\(stem)", in: .outgoing)
        home.put("sig".utf8, "FS.\(stem)", in: .outgoing)
        sender.service.shelf.publish(stem, to: sender.number, about: ticket)
        return stem
    }

    private func ids(_ page: Curl) -> [String]? {
        (page.json["answers"] as? [[String: Any]])?.compactMap { $0["id"] as? String }
    }

    private func digest(_ bytes: [UInt8]) -> String {
        "sha-256=:\(Data(SHA256.hash(data: bytes)).base64EncodedString()):"
    }
}
