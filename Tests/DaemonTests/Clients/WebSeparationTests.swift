import Exchange
import Foundation
import TestServers
import Testing

/// No request of one sender of the web service shows, changes, closes or confirms what another has there.
@Suite(.served()) struct WebSeparationTests {
    /// What one sender has: a set begun with one file whole, a set sent, and its receipt.
    private struct Belongings {
        let client: WebClient
        let begun: String
        let sent: String
        let receipt: String
        let file: String
        /// In bytes that nobody else may see.
        let canary: String

        init(_ instance: Instance) throws {
            client = try WebClient(instance, instance.enrol(channel: "web"))
            let sent = try client.sender.set()
            let receipt = try client.send(sent)
            self.sent = receipt.ticket
            self.receipt = receipt.stem
            let begun = try client.sender.set()
            let reply = try client.must(
                [201], "POST", "/v1/uploads",
                ["-H", "Content-Type: application/json", "-d", "{\"name\":\"\(begun.trigger.name)\"}"])
            self.begun = try #require(try reply.json()["ticket"] as? String)
            file = begun.declarations[0].name
            canary = "\(client.sender.number)-\(begun.stem)"
            try client.must([200, 201, 204], "PUT", "/v1/uploads/\(self.begun)/\(file)", ["-d", canary])
        }

        /// Everything its owner sees of it.
        func seen() throws -> [String] {
            try ["uploads/\(begun)", "sets/\(sent)", "answers/\(receipt)", "answers/\(receipt)/FO"].map {
                let reply = try client.must([200], "GET", "/v1/\($0)")
                return $0 + " " + reply.text
            }
        }
    }

    /// A ticket nobody was given.
    private static let unused = Ticket(.set, counter: Ticket.capacity - 1).description

    private static let requests = [
        "GET uploads/{begun}", "DELETE uploads/{begun}", "PUT uploads/{begun}/{file}",
        "POST uploads/{begun}/close",
        "OPTIONS uploads/{begun}/files", "POST uploads/{begun}/files", "HEAD uploads/{begun}/files/{file}",
        "PATCH uploads/{begun}/files/{file}", "DELETE uploads/{begun}/files/{file}", "GET sets/{sent}",
        "GET sets/{begun}", "GET answers/{receipt}", "GET answers/{receipt}/FO", "GET answers/{receipt}/FS",
        "DELETE answers/{receipt}", "PUT answers/{receipt}", "POST answers/{receipt}/confirm",
        "POST answers/{receipt}/confirmation", "PUT answers/{receipt}/confirmation", "GET answers",
        "GET uploads",
        "GET sets/{begun}/../{sent}", "GET answers/%2e%2e/answers/{receipt}/FO", "GET uploads/{sent}",
    ]

    /// What these requests need to get as far as what they ask for.
    private static let usual = [
        "PUT": ["-d", "changed"],
        "PATCH": [
            "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0", "-H",
            "Content-Type: application/offset+octet-stream", "-d", "changed",
        ],
        "DELETE": ["-H", "Tus-Resumable: 1.0.0"],
    ]

    private static let fields = [
        ["-H", "Upload-Offset: 0"], ["-H", "Tus-Resumable: 1.0.0"],
        ["-H", "Content-Type: application/json", "-d", "{}"],
        ["-H", "Upload-Complete: ?1", "-d", "changed"],
        ["-H", "Content-Type: application/offset+octet-stream"],
        ["-d", "changed"], ["-H", "Prefer: wait=0"], ["-H", "Range: bytes=0-9"], ["-H", "Accept: text/html"],
        ["-H", "If-None-Match: *"], ["-H", "Idempotency-Key: one"], ["-H", "X-HTTP-Method-Override: DELETE"],
    ]

    @Test(arguments: [1, 2] as [UInt64])
    func `whatever is asked for by another's numbers is as if it were not there`(seed: UInt64) throws {
        let instance = try SharedInstance.running()
        let (victim, stranger) = (try Belongings(instance), try Belongings(instance))
        let before = try victim.seen()
        var chance = SeededGenerator(seed: seed)
        for number in 1...150 {
            let pattern = Self.requests[Int.random(in: Self.requests.indices, using: &chance)]
            let pieces = pattern.split(separator: " ").map(String.init)
            var options = Bool.random(using: &chance) ? Self.usual[pieces[0], default: []] : []
            for _ in 0..<Int.random(in: 0...2, using: &chance) {
                options += Self.fields[Int.random(in: Self.fields.indices, using: &chance)]
            }
            // curl sends no body with a HEAD.
            if pieces[0] == "HEAD" { options = ["--head", "-H", "Tus-Resumable: 1.0.0"] }
            // What never was stands in for what is another's: both must be answered alike.
            func ask(_ begun: String, _ sent: String, _ receipt: String) throws -> WebClient.Reply {
                let path = pieces[1].replacingOccurrences(of: "{begun}", with: begun)
                    .replacingOccurrences(of: "{sent}", with: sent)
                    .replacingOccurrences(of: "{receipt}", with: receipt)
                    .replacingOccurrences(of: "{file}", with: victim.file)
                return try stranger.client.ask(pieces[0], "/v1/\(path)", options + ["--path-as-is"])
            }
            let others = try ask(victim.begun, victim.sent, victim.receipt)
            let nobodys = try ask(Self.unused, Self.unused, "ACRF.999999.20260102.ZZZZZ.R")
            let words =
                "seed \(seed), request \(number): \(pattern) \(options) gave \(others.status) \(others.text)"
            #expect(others.status == nobodys.status, "\(words), and nobody's \(nobodys.status)")
            for secret in [victim.canary, victim.client.sender.number, "GO." + victim.receipt] {
                #expect(!others.text.contains(secret), "\(words)")
            }
        }
        #expect(try victim.seen() == before)
    }
}
