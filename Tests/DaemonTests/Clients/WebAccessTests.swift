import Exchange
import Foundation
import Testing
import Validation

/// What the web service says and whom it admits, as the daemon has set it up.
@Suite struct WebAccessTests {
    @Test func `a certificate that a revocation list names opens the web service no longer`() throws {
        let instance = try Instance()
        try instance.start()
        let (revoked, other) = (try instance.enrol(channel: "web"), try instance.enrol(channel: "web"))
        let clients = (try WebClient(instance, revoked), try WebClient(instance, other))
        #expect(try clients.0.ask("GET", "/v1/answers").status == 200)
        let list = try instance.authority.list(
            revoking: [revoked.signatory], number: 1, until: Date() + 3600)
        try instance.must("trust", "crl", instance.scratch.write(list, to: "list.pem"))
        #expect(try eventually(within: 60) { try clients.0.ask("GET", "/v1/answers").status == 401 })
        #expect(try clients.1.ask("GET", "/v1/answers").status == 200)
    }

    @Test func `a certificate of an authority that was removed opens the web service no longer`() throws {
        let instance = try Instance()
        try instance.start()
        let client = try WebClient(instance, instance.enrol(channel: "web"))
        #expect(try client.ask("GET", "/v1/answers").status == 200)
        let fingerprint = instance.authority.issuer.certificate.fingerprint.description
        try instance.must("trust", "remove", fingerprint)
        #expect(try eventually(within: 60) { try client.ask("GET", "/v1/answers").status == 401 })
    }

    @Test func `an upload is promised what the configuration allows`() throws {
        let instance = try Instance([
            ("begunSetRetention: 24 h", "begunSetRetention: 2 h"),
            ("  file: 35 MB", "  file: 1 MB"), ("  set: 50 MB", "  set: 2 MB"),
        ])
        try instance.start()
        let client = try WebClient(instance, instance.enrol(channel: "web"))
        let set = try client.sender.set()
        let begun = try client.must(
            [201], "POST", "/v1/uploads",
            ["-H", "Content-Type: application/json", "-d", "{\"name\":\"\(set.trigger.name)\"}"])
        let expires = try #require(try begun.json()["expiresAt"] as? String)
        let end = try Date(expires, strategy: .iso8601)
        #expect(end > Date() + 3600 && end < Date() + 3 * 3600)
        let ticket = try #require(try begun.json()["ticket"] as? String)
        let options = try client.must([200, 204], "OPTIONS", "/v1/uploads/\(ticket)/files")
        #expect(options.field("Tus-Max-Size") == "2000000")
    }
}
