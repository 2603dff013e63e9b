import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct SendSetTests {
    static let declaration = "FI.DMFA.006400.20230420.00001.R.1.1"
    static let signature = "FS.DMFA.006400.20230420.00001.R.1.1"
    static let trigger = "GO.DMFA.006400.20230420.00001.R.1"
    static let files = [(name: declaration, content: "<a/>\r\n"), (name: signature, content: "sig\n")]

    @Test(arguments: ["--http1.1", "--http2"])
    func `a set sent whole is sealed under the name its GO would have`(version: String) async throws {
        try await TestSender.lend { sender async throws in
            let answer = try await sender.send(Self.files, [version])
            let sealed = try #require(sender.service.intake.sealed.first)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(answer.headers["location"] == "/v1/sets/\(sealed.consignment.ticket)")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["x-request-id"]?.isEmpty == false)
            #expect(sealed.name.escaped == Self.trigger)
            #expect(sealed.hasTrigger)
            #expect(sealed.consignment.mailbox == .incoming)
            #expect(sealed.consignment.channel == .web)
            #expect(sealed.consignment.sender == sender.number)
            #expect(sealed.consignment.bytes(Self.declaration) == Array("<a/>\r\n".utf8))
            #expect(sealed.consignment.bytes(Self.signature) == Array("sig\n".utf8))
        }
    }

    @Test func `a sender that is to pause is told when to come again, and begins nothing`() async throws {
        try await TestSender.lend { sender async throws in
            sender.service.intake.options.pause = 3.2
            let whole = try await sender.send(Self.files)
            let begun = try await sender.ask(
                "/v1/uploads",
                ["-H", "Content-Type: application/json", "-d", "{\"name\": \"\(Self.trigger)\"}"])
            for answer in [whole, begun] {
                #expect(answer.status == 429, "\(answer.text)")
                #expect(answer.headers["retry-after"] == "4")
            }
            #expect(sender.service.intake.sealed.isEmpty && sender.service.intake.open.isEmpty)
            sender.service.intake.options.pause = 0
            #expect(try await sender.send(Self.files).status == 201)
        }
    }

    @Test func `a GO that comes along is accepted and what it holds ignored`() async throws {
        try await TestSender.lend { sender async throws in
            let answer = try await sender.send([(Self.trigger, "go")] + Self.files)
            #expect(answer.status == 201, "\(answer.text)")
            let sealed = try #require(sender.service.intake.sealed.first)
            #expect(sealed.name.escaped == Self.trigger)
            #expect(sealed.consignment.bytes(Self.trigger) == nil)
            #expect(try sealed.consignment.files().count == 2)
        }
    }

    @Test func `multipart mixed of a mail library is as good`() async throws {
        try await TestSender.lend { sender async throws in
            let body = """
                This is a multi-part message.\r
                --=_x\r
                Content-Type: application/xml\r
                Content-Transfer-Encoding: 8bit\r
                Content-Disposition: attachment;\r
                \tfilename="FI.DMFA.006400.20230420.00001.T.1.1"\r
                \r
                <a/>\r
                --=_x--\r

                """
            let answer = try await sender.ask(
                "/v1/sets", ["-H", "Content-Type: multipart/mixed; boundary=\"=_x\"", "--data-binary", "@-"],
                input: Array(body.utf8))
            #expect(answer.status == 201, "\(answer.text)")
            let sealed = try #require(sender.service.intake.sealed.first)
            #expect(sealed.consignment.mailbox == .incomingTest)
            #expect(sealed.consignment.bytes("FI.DMFA.006400.20230420.00001.T.1.1") == Array("<a/>".utf8))
        }
    }

    @Test func `twenty megabytes arrive byte for byte`() async throws {
        try await TestSender.lend { sender async throws in
            let content = String(repeating: "0123456789abcde\n\r\n--", count: 1 << 20)
            let answer = try await sender.send([(Self.declaration, content)])
            #expect(answer.status == 201, "\(answer.text)")
            let isSame =
                sender.service.intake.sealed.first?.consignment.bytes(Self.declaration) == Array(content.utf8)
            #expect(isSame)
        }
    }

    @Test(arguments: [
        ("FI.DMFA.006400.20230420.00001.R.1", "ACRF-131"), ("FS.DMFA", "ACRF-132"), ("GO.DMFA", "ACRF-107"),
        ("TD.DMFA.006400.20230420.00001.R.1", "ACRF-129"), ("readme.txt", "ACRF-129"),
        ("GO.DMFA.006400.20230420.00001.R.1", "ACRF-142"),
        ("FI.DMFA.006400.20230420.00001.X.1.1", "ACRF-117"),
    ])
    func `what cannot be named is refused with its code, and nothing stored`(name: String, code: String)
        async throws
    {
        try await TestSender.lend { sender async throws in
            let answer = try await sender.send([(name, "x")], ["-H", "Accept-Language: fr"])
            #expect(answer.status == 422)
            #expect(answer.problem == "unprocessable")
            let codes = try #require(answer.json["codes"] as? [[String: Any]])
            #expect(codes.compactMap { $0["code"] as? String } == [code])
            #expect(
                codes.first?["sentence"] as? String
                    == ReceptionCode.allCases.first { $0.errorID == code }?.sentence(in: .fr))
            #expect(sender.service.intake.open.isEmpty)
            #expect(sender.service.intake.sealed.isEmpty)
        }
    }

    @Test func `a fault in the last file throws away the files before it`() async throws {
        try await TestSender.lend { sender async throws in
            for name in [
                "FI.DMFA.006400.20230420.00002.R.1.1", "../../etc/passwd", Self.declaration, "readme",
            ] {
                let answer = try await sender.send(Self.files + [(name, "x")])
                #expect(answer.status == 422, "\(name): \(answer.text)")
            }
            #expect(sender.service.intake.open.isEmpty)
            #expect(sender.service.intake.sealed.isEmpty)
        }
    }

    @Test func `the name of another sender is for the decision`() async throws {
        try await TestSender.lend { sender async throws in
            let answer = try await sender.send([("FI.DMFA.006409.20230420.00001.R.1.1", "x")])
            #expect(answer.status == 201)
            #expect(sender.service.intake.sealed.first?.consignment.sender == sender.number)
        }
    }

    @Test func `a token without the application of the set stores nothing`() async throws {
        try await TestSender.lend(applications: ["dmfa", "dimona"]) { sender async throws in
            let token = try await sender.service.token(with: sender.key, scope: "scope:dimona:set:send")
            let scratch = try Scratch()
            let file = try scratch.write("x".utf8, to: "x")
            func send(_ name: String) async throws -> Curl {
                try await sender.service.curl(
                    "/v1/sets", ["-F", "f=@\(file);filename=\(name)", "-H", "Authorization: Bearer \(token)"])
            }
            let refused = try await send(Self.declaration)
            #expect(refused.status == 403)
            #expect(refused.problem == "forbidden")
            #expect(sender.service.intake.open.isEmpty)
            #expect(try await send("FI.DIMN.006400.20230420.00001.R.1.1").status == 201)
            #expect(
                try await send("FI.ZZZZ.006400.20230420.00001.R.1.1").status == 201,
                "unknown: for the decision")
            #expect(sender.service.intake.sealed.count == 2)
        }
    }

    @Test func `a wait shows verdict and receipt in the language asked for`() async throws {
        try await TestSender.lend { sender async throws in
            async let answer = sender.send(
                Self.files, ["-H", "Prefer: wait=60", "-H", "Accept-Language: nl"])
            #expect(try await eventually { !sender.service.intake.sealed.isEmpty })
            let ticket = try #require(sender.service.intake.sealed.first).consignment.ticket
            #expect(try await eventually { sender.service.reports.waiters(for: ticket) == 1 })
            sender.service.reports.tell(
                try sender.report(
                    on: ticket, .refused, codes: [.notWellFormed], receipt: "ACRF.999999.20260102.00001.R"))
            let shown = try await answer
            #expect(shown.status == 201)
            #expect(shown.headers["preference-applied"] == "wait=60")
            #expect(shown.headers["content-language"] == "nl")
            #expect(shown.json["verdict"] as? String == "refused")
            let receipt = try #require(shown.json["receipt"] as? [String: Any])
            #expect(receipt["location"] as? String == "/v1/answers/ACRF.999999.20260102.00001.R")
            let codes = try #require(shown.json["codes"] as? [[String: Any]])
            #expect(codes.first?["sentence"] as? String == ReceptionCode.notWellFormed.sentence(in: .nl))
        }
    }

    @Test func `a body cut half way stores nothing`() async throws {
        try await TestSender.lend { sender async throws in
            for cut in ["", "\\r\\n--limit", "\\r\\n--limit\\r\\n"] {
                let scratch = try Scratch()
                async let client = sender.python(
                    """
                    import os
                    body = b"--limit\\r\\nContent-Disposition: form-data; filename=\(Self.declaration)\\r\\n\\r\\n<a/>\(cut)"
                    s = connect()
                    s.sendall(b"POST /v1/sets HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 5000\\r\\n"
                              b"Content-Type: multipart/form-data; boundary=limit\\r\\n\\r\\n" + body)
                    while not os.path.exists("\(scratch.file("begun"))"): time.sleep(0.05)
                    s.close()
                    """)
                #expect(try await eventually { !sender.service.intake.open.isEmpty })
                try scratch.write([], to: "begun")
                _ = try await client
                #expect(try await eventually { sender.service.intake.open.isEmpty })
            }
            #expect(sender.service.intake.sealed.isEmpty)
            #expect(
                try await sender.send(Self.files).headers["location"]
                    == "/v1/sets/\(Ticket(.set, counter: 4))")
        }
    }

    @Test func `ten thousand parts are refused at the forty-first`() async throws {
        try await TestSender.lend { sender async throws in
            let parts = (0..<10_000).map { index in
                "--limit\r\nContent-Disposition: form-data; filename=FI.DMFA.006400.20230420.00001.R.\(index % 9 + 1)."
                    + "\(index % 9 + 1)\r\n\r\nx\r\n"
            }
            let answer = try await sender.ask(
                "/v1/sets",
                ["-H", "Content-Type: multipart/form-data; boundary=limit", "--data-binary", "@-"],
                input: Array((parts.joined() + "--limit--").utf8))
            #expect([413, 422].contains(answer.status))
            #expect(sender.service.intake.open.isEmpty)
        }
    }

    @Test(arguments: [
        (HomeFault.outOfSpace, 503, "unavailable"), (.tooLarge, 413, "too-large"),
        (.tooManyFiles, 429, "too-many"),
        (.failed("/var/spool: Input/output error"), 503, "unavailable"),
    ])
    func `what the spool cannot take is put off, and nothing of its insides told`(
        fault: HomeFault, status: Int, problem: String
    ) async throws {
        try await TestSender.lend { sender async throws in
            let faults: [(inout FakeIntake.Options) -> Void] = [
                { $0.beginFault = fault }, { $0.writeFault = fault }, { $0.sealFault = fault },
            ]
            for set in faults {
                var options = FakeIntake.Options()
                set(&options)
                sender.service.intake.options = options
                let answer = try await sender.send(Self.files)
                #expect(answer.status == status)
                #expect(answer.problem == problem)
                #expect(!answer.text.contains("var"))
                #expect((answer.headers["retry-after"] != nil) == (status != 413))
                #expect(sender.service.intake.open.isEmpty)
            }
        }
    }

    @Test func `a body of another type or without a boundary is refused`() async throws {
        try await TestSender.lend { sender async throws in
            let json = try await sender.ask("/v1/sets", ["-H", "Content-Type: application/json", "-d", "{}"])
            #expect(json.status == 415)
            for type in [
                "multipart/form-data", "multipart/form-data; boundary=",
                "multipart/mixed; boundary=\"a\\\"\"",
            ] {
                let answer = try await sender.ask("/v1/sets", ["-H", "Content-Type: \(type)", "-d", "--x"])
                #expect([400, 415].contains(answer.status), "\(type): \(answer.status)")
            }
        }
    }
}
