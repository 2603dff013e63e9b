import Exchange
import Foundation
import Synchronization
import Testing

@testable import WebChannel

/// What a block and a revocation do to requests under way.
@Suite struct RevocationTests {
    /// What ends a sender's access.
    enum Ending: CaseIterable {
        case block, revocation
        /// The certificate becomes another sender's.
        case handOver

        func befall(_ sender: TestSender) {
            switch self {
            case .block: sender.service.directory.block(sender.number)
            case .revocation:
                sender.service.directory.revoke(sender.key.certificate.fingerprint, of: sender.number)
            case .handOver:
                let directory = sender.service.directory
                let other = SenderNumber.other
                directory.register(sender.key.certificate, of: other)
                directory.grant(["dmfa"], to: other)
                directory.revoke(sender.key.certificate.fingerprint, of: sender.number)
            }
        }
    }

    private let ticket = Ticket(.set, counter: 7)

    /// Sends the first bytes of a request, lets the access end, and sends the rest.
    private func send(
        _ request: String, rest: String, from sender: TestSender, once isBegun: () async throws -> Bool,
        ending: () -> Void
    ) async throws -> String {
        let scratch = try Scratch()
        async let status = sender.python(
            """
            import os
            s = connect()
            s.sendall(b"\(request)")
            while not os.path.exists("\(scratch.file("ended"))"): time.sleep(0.05)
            s.sendall(b"\(rest)")
            print(s.recv(4096).decode().split(" ")[1])
            """)
        let begun = try await eventually(isBegun)
        ending()
        try scratch.write([], to: "ended")
        #expect(begun)
        return try await status
    }

    @Test(arguments: Ending.allCases, ["", #"Idempotency-Key: k\r\n"#])
    func `a set that was on its way is not sealed`(ending: Ending, key: String) async throws {
        try await TestSender.lend { sender async throws in
            let part =
                #"--limit\r\nContent-Disposition: form-data; filename=\#(SendSetTests.declaration)\r\n\r\n<a/>"#
            let rest = #"\r\n--limit--\r\n"#
            let bytes = (part + rest).replacing(#"\r\n"#, with: "\r\n").utf8.count
            let status = try await send(
                #"POST /v1/sets HTTP/1.1\r\nHost: x\r\nContent-Length: \#(bytes)\r\n\#(key)"#
                    + #"Content-Type: multipart/form-data; boundary=limit\r\n\r\n\#(part)"#,
                rest: rest, from: sender, once: { !sender.service.intake.open.isEmpty },
                ending: { ending.befall(sender) })
            #expect(status == "401")
            #expect(sender.service.intake.sealed.isEmpty)
            #expect(sender.service.intake.open.isEmpty)
        }
    }

    @Test(arguments: Ending.allCases)
    func `a file that was on its way is refused at its end`(ending: Ending) async throws {
        try await TestSender.lend { sender async throws in
            let begun = try await sender.begin("GO.DMFA.006400.20230420.00001.R.1")
            let place = try #require(begun.headers["location"])
            let status = try await send(
                #"PUT \#(place)/\#(SendSetTests.declaration) HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n<a"#,
                rest: "/>", from: sender,
                once: { sender.service.intake.open.first?.bytes(SendSetTests.declaration)?.count == 2 },
                ending: { ending.befall(sender) })
            #expect(status == "401")
        }
    }

    @Test func `a set whose sender ends while it is closed is not sealed`() async throws {
        try await TestSender.lend { sender async throws in
            let place = try await sender.beginWithFile()
            // Found when the request comes, and no more when its set is about to be sealed.
            sender.service.directory.revokeAll(afterLookUps: 1)
            #expect(try await sender.close(place).status == 401)
            #expect(sender.service.intake.sealed.isEmpty)
        }
    }

    @Test(arguments: Ending.allCases)
    func `a request that waited is not told what came`(ending: Ending) async throws {
        try await TestSender.lend { sender async throws in
            sender.service.reports.tell(try sender.report(on: ticket, .received))
            async let set = sender.ask("/v1/sets/\(ticket)", ["-H", "Prefer: wait=60"])
            async let list = sender.ask("/v1/answers", ["-H", "Prefer: wait=60"])
            #expect(try await eventually { sender.service.reports.waiters(for: ticket) == 1 })
            #expect(try await eventually { sender.service.shelf.looks(after: 0) > 1 })
            ending.befall(sender)
            let stem = "ACRF.999999.20260102.00001.R"
            sender.service.shelf.publish(stem, to: sender.number, about: ticket)
            sender.service.reports.tell(try sender.report(on: ticket, .routed, receipt: stem))
            for answer in [try await set, try await list] {
                #expect(answer.status == 401)
                #expect(!answer.text.contains(stem))
            }
        }
    }

    @Test func `a set that was sealed before is promised still, and not shown`() async throws {
        try await TestSender.lend { sender async throws in
            let sealed = Ticket(.set, counter: 1)
            async let answer = sender.send(SendSetTests.files, ["-H", "Prefer: wait=60"])
            #expect(try await eventually { sender.service.reports.waiters(for: sealed) == 1 })
            sender.service.directory.block(sender.number)
            sender.service.reports.tell(
                try sender.report(on: sealed, .routed, receipt: "ACRF.999999.20260102.00001.R"))
            #expect(try await answer.status == 201)
            #expect(try await answer.headers["location"] == "/v1/sets/\(sealed)")
            #expect(try await answer.body.isEmpty)
        }
    }

    @Test func `a token that runs out while a body comes stays good for it`() async throws {
        let key = try await TestKey.mint()
        let routes = TestRoutes()
        let ahead = Mutex(0.0)
        try await TestService.lend(
            .these([routes]), now: { Date() + ahead.withLock { $0 } }
        ) { service in
            service.register(key)
            let token = try await service.token(with: key)
            let sender = TestSender(service: service, key: key, number: TestService.sender)
            let status = try await send(
                #"POST /v1/swallow HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"#
                    + #"Authorization: Bearer \#(token)\r\n\r\n<a"#,
                rest: "/>", from: sender, once: { routes.begun == 1 },
                ending: { ahead.withLock { $0 = 3600 } })
            #expect(status == "200")
            let late = try await service.curl("/v1/whoami", ["-H", "Authorization: Bearer \(token)"])
            #expect(late.status == 401)
        }
    }
}

extension SenderNumber {
    fileprivate static var other: SenderNumber {
        guard let other = SenderNumber("006401") else { preconditionFailure("six digits") }
        return other
    }
}
