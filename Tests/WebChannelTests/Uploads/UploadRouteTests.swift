import Crypto
import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct UploadRouteTests {
    private let declaration = "FI.DMFA.006400.20230420.00001.R.1.1"
    private let signature = "FS.DMFA.006400.20230420.00001.R.1.1"
    private let trigger = "GO.DMFA.006400.20230420.00001.R.1"

    @Test(arguments: ["GO.DMFA.006400.20230420.00001.R.1", "DMFA.006400.20230420.00001.R.1"])
    func `a set brought file by file is sealed when it is closed`(name: String) async throws {
        try await TestSender.lend { sender async throws in
            let begun = try await sender.begin(name)
            #expect(begun.status == 201, "\(begun.text)")
            let place = try #require(begun.headers["location"])
            #expect(begun.json["name"] as? String == trigger)
            #expect(begun.json["files"] as? [String] == [])
            for (file, content) in [(declaration, "<a/>"), (signature, "sig")] {
                let put = try await sender.put(content, to: "\(place)/\(file)")
                #expect(put.status == 201, "\(put.text)")
                #expect(put.json["isComplete"] as? Bool == true)
            }
            let shown = try await sender.ask(place)
            let files = try #require(shown.json["files"] as? [[String: Any]])
            #expect(files.compactMap { $0["name"] as? String } == [declaration, signature])
            let ticket = try #require(shown.json["ticket"] as? String)
            let closed = try await sender.close(place)
            #expect(closed.status == 201, "\(closed.text)")
            #expect(closed.headers["location"] == "/v1/sets/\(ticket)")
            let sealed = try #require(sender.service.intake.sealed.first)
            #expect(sealed.name.escaped == trigger)
            #expect(sealed.hasTrigger)
            #expect(sealed.consignment.bytes(declaration) == Array("<a/>".utf8))
        }
    }

    @Test func `closing twice gives the same answer, and nothing can be changed any more`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try await sender.beginWithFile()
            let first = try await sender.close(place)
            let ticket = try #require(sender.service.intake.sealed.first).consignment.ticket
            sender.service.reports.tell(try sender.report(on: ticket, .received))
            let second = try await sender.close(place, ["-H", "Idempotency-Key: k"])
            #expect(second.status == 201)
            #expect(second.headers["location"] == first.headers["location"])
            #expect(second.headers["idempotency-replayed"] == "true")
            #expect(sender.service.intake.sealed.count == 1)
            #expect(try await sender.put("x", to: "\(place)/\(declaration)").status == 404)
            #expect(try await sender.ask(place, ["-X", "DELETE"]).status == 404)
            #expect(try await sender.ask(place).status == 404)
        }
    }

    @Test func `a key used for one set does not close another`() async throws {
        try await TestSender.lend { sender async throws in
            let key = ["-H", "Idempotency-Key: k"]
            let one = try await sender.beginWithFile()
            let two = try await sender.beginWithFile()
            #expect(try await sender.close(one, key).status == 201)
            let other = try await sender.close(two, key)
            #expect(other.status == 422)
            #expect(other.problem == "idempotency-mismatch")
            #expect(try await sender.send(SendSetTests.files, key).status == 422)
            #expect(try await sender.close(two).status == 201)
        }
    }

    @Test func `a set of nothing and one with a file half there are not closed`() async throws {
        try await TestSender.lend { sender async throws in
            let begun = try await sender.begin(trigger)
            let place = try #require(begun.headers["location"])
            let nothing = try await sender.close(place)
            #expect(nothing.status == 422)
            #expect((nothing.json["codes"] as? [[String: Any]])?.first?["code"] as? String == "ACRF-142")
            #expect(try await sender.tus(place, create: declaration, length: 10).status == 201)
            let half = try await sender.close(place)
            #expect(half.status == 409)
            #expect(half.problem == "incomplete")
            #expect(half.text.contains(declaration))
            #expect(sender.service.intake.sealed.isEmpty)
        }
    }

    @Test func `a set thrown away is gone`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try await sender.beginWithFile()
            #expect(try await sender.ask(place, ["-X", "DELETE"]).status == 204)
            #expect(try await sender.ask(place, ["-X", "DELETE"]).status == 404)
            #expect(try await sender.close(place).status == 404)
            #expect(sender.service.intake.open.isEmpty)
        }
    }

    @Test func `a file with another digest is not kept`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try #require(try await sender.begin(trigger).headers["location"])
            let file = "\(place)/\(declaration)"
            let right = Data(SHA256.hash(data: Array("right".utf8))).base64EncodedString()
            let wrong = try await sender.put("wrong", to: file, ["-H", "Content-Digest: sha-256=:\(right):"])
            #expect(wrong.status == 400)
            #expect(wrong.problem == "digest-mismatch")
            #expect(try await sender.ask(place).json["files"] as? [String] == [])
            #expect(
                try await sender.put("right", to: file, ["-H", "Content-Digest: sha-256=:\(right):"]).status
                    == 201)
            #expect(
                try await sender.put("right", to: file, ["-H", "Content-Digest: sha-256=right"]).status == 400
            )
            #expect(sender.service.intake.open.first?.bytes(declaration) == Array("right".utf8))
        }
    }

    @Test func `a file sent again replaces the one before`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try await sender.beginWithFile()
            #expect(try await sender.put("longer than before", to: "\(place)/\(declaration)").status == 200)
            #expect(try await sender.put("", to: "\(place)/\(declaration)").status == 200)
            #expect(sender.service.intake.open.first?.bytes(declaration) == [])
        }
    }

    @Test func `files of other sets, a GO and paths are refused`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try #require(try await sender.begin(trigger).headers["location"])
            for (file, status) in [
                ("FI.DMFA.006400.20230420.00002.R.1.1", 422), (trigger, 422), ("readme.txt", 422),
                ("..%2F..%2Fetc", 400),
                ("%2e%2e", 400), (String(repeating: "A", count: 81), 404),
            ] {
                let answer = try await sender.put("x", to: "\(place)/\(file)")
                #expect(answer.status == status, "\(file): \(answer.status)")
            }
            #expect(try sender.service.intake.open.first?.files().isEmpty == true)
        }
    }

    @Test func `a body without its length is refused`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try #require(try await sender.begin(trigger).headers["location"])
            let answer = try await sender.put(
                "x", to: "\(place)/\(declaration)", ["--http1.1", "-H", "Transfer-Encoding: chunked"])
            #expect(answer.status == 411)
        }
    }

    @Test(arguments: [
        ("{\"name\":\"GO.DMFA\"}", 422), ("{\"name\":\"DMFA.006400.20230230.00001.R.1\"}", 422),
        ("{\"name\":\"\"}", 422),
        ("{}", 400), ("[", 400), ("{\"name\":\"\(String(repeating: "a", count: 5000))\"}", 413),
    ])
    func `a set that cannot be named is not begun`(body: String, status: Int) async throws {
        try await TestSender.lend { sender async throws in
            let answer = try await sender.ask(
                "/v1/uploads", ["-H", "Content-Type: application/json", "--data-binary", body])
            #expect(answer.status == status, "\(answer.text)")
            #expect(
                try await sender.ask("/v1/uploads", ["-H", "Content-Type: text/plain", "-d", "x"]).status
                    == 415)
            #expect(sender.service.intake.open.isEmpty)
        }
    }

    @Test func `sets of other senders are not found`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try await sender.beginWithFile()
            let stranger = try await sender.another()
            #expect(try await stranger.ask(place).status == 404)
            #expect(try await stranger.put("x", to: "\(place)/\(declaration)").status == 404)
            #expect(try await stranger.close(place).status == 404)
            #expect(try await stranger.ask(place, ["-X", "DELETE"]).status == 404)
            #expect(sender.service.intake.open.first?.bytes(declaration) == Array("<a/>".utf8))
        }
    }

    @Test func `a token without the application of the set begins and touches nothing`() async throws {
        try await TestSender.lend(applications: ["dmfa", "dimona"]) { sender async throws in
            let place = try await sender.beginWithFile()
            let token = try await sender.service.token(with: sender.key, scope: "scope:dimona:set:send")
            let bearer = ["-H", "Authorization: Bearer \(token)"]
            let begun = try await sender.service.curl(
                "/v1/uploads",
                bearer + ["-H", "Content-Type: application/json", "-d", "{\"name\":\"\(trigger)\"}"])
            #expect(begun.status == 403)
            #expect(try await sender.service.curl("\(place)/close", bearer + ["-X", "POST"]).status == 403)
            #expect(sender.service.intake.open.count == 1)
            #expect(sender.service.intake.sealed.isEmpty)
            // Nor does closing again show what became of it.
            #expect(try await sender.close(place).status == 201)
            let ticket = try #require(sender.service.intake.sealed.first).consignment.ticket
            sender.service.reports.tell(try sender.report(on: ticket, .accepted))
            #expect(try await sender.service.curl("\(place)/close", bearer + ["-X", "POST"]).status == 403)
        }
    }

    @Test func `sealing that fails can be tried again`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try await sender.beginWithFile()
            sender.service.intake.options.sealFault = .outOfSpace
            #expect(try await sender.close(place).status == 503)
            sender.service.intake.options.sealFault = nil
            #expect(try await sender.close(place).status == 201)
        }
    }
}

extension TestSender {
    func begin(_ name: String) async throws -> Curl {
        try await ask(
            "/v1/uploads", ["-H", "Content-Type: application/json", "-d", "{\"name\":\"\(name)\"}"])
    }

    /// Where a set with one file is.
    func beginWithFile() async throws -> String {
        guard let place = try await begin("GO.DMFA.006400.20230420.00001.R.1").headers["location"],
            try await put("<a/>", to: "\(place)/FI.DMFA.006400.20230420.00001.R.1.1").status == 201
        else { throw Program.Fault(description: "no set was begun") }
        return place
    }

    func put(_ content: String, to path: String, _ arguments: [String] = []) async throws -> Curl {
        try await ask(
            path,
            ["-X", "PUT", "-H", "Content-Type: application/octet-stream", "--data-binary", "@-"] + arguments,
            input: Array(content.utf8))
    }

    func close(_ place: String, _ arguments: [String] = []) async throws -> Curl {
        try await ask("\(place)/close", ["-X", "POST"] + arguments)
    }

    func tus(_ place: String, create file: String, length: Int) async throws -> Curl {
        try await ask(
            "\(place)/files",
            [
                "-X", "POST", "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Length: \(length)", "-H",
                "Upload-Metadata: filename \(Data(file.utf8).base64EncodedString())",
            ])
    }
}
