import Exchange
import Foundation
import Synchronization
import Testing

@testable import WebChannel

@Suite struct TokenTests {
    private static func lend(
        now: (@Sendable () -> Date)? = nil, configure: (inout WebServerConfiguration) -> Void = { _ in },
        to body: (TestService, TestKey) async throws -> Void
    ) async throws {
        let key = try await TestKey.mint()
        try await TestService.lend(.these([TestRoutes()]), configure: configure, now: now) { service in
            service.register(key, applications: ["dimona", "dmfa"])
            try await body(service, key)
        }
    }

    private static func bearer(_ token: String) -> [String] { ["-H", "Authorization: Bearer \(token)"] }

    @Test(arguments: [(TestKey.Kind.rsa, "RS256"), (.rsa, "PS256"), (.p256, "ES256"), (.p384, "ES384")])
    func `an assertion signed by a registered key gets a token that opens the routes`(
        kind: TestKey.Kind, algorithm: String
    ) async throws {
        let key = try await TestKey.mint(kind)
        try await TestService.lend(.these([TestRoutes()])) { service in
            service.register(key, applications: ["dmfa"])
            let assertion = Assertion(
                of: "006400", for: service.url + "/v1/oauth/token", algorithm: algorithm)
            let answer = try await service.askToken(try await assertion.signed(by: key))
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.json["token_type"] as? String == "Bearer")
            #expect(answer.json["expires_in"] as? Int == 600)
            #expect(answer.json["scope"] as? String == "scope:dmfa:set:consult scope:dmfa:set:send")
            let token = try #require(answer.json["access_token"] as? String)
            let who = try await service.curl("/v1/whoami", Self.bearer(token))
            #expect(who.status == 200)
            #expect(who.json["sender"] as? String == "006400")
            #expect(who.json["proof"] as? String == "token")
        }
    }

    @Test func `wrong assertions are refused as invalid_client`() async throws {
        let stranger = try await TestKey.mint()
        try await Self.lend(configure: { $0.access.penalties.isOn = false }) { service, key in
            let url = service.url + "/v1/oauth/token"
            var wrong: [(String, String)] = []
            func add(_ name: String, by signer: TestKey? = nil, _ change: (inout Assertion) -> Void)
                async throws
            {
                var assertion = Assertion(of: "006400", for: url)
                change(&assertion)
                wrong.append((name, try await assertion.signed(by: signer ?? key)))
            }
            let now = Int(Date().timeIntervalSince1970)
            try await add("none") { $0.algorithm = "none" }
            try await add("HMAC with the certificate") { $0.algorithm = "HS256" }
            try await add("a stranger's key", by: stranger) { _ in }
            try await add("a key it brings itself", by: stranger) { $0.header = ["jwk": ["kty": "EC"]] }
            try await add("critical extension") { $0.header = ["crit": ["exp"]] }
            try await add("another audience") { $0.claims["aud"] = "https://elsewhere.example/token" }
            try await add("two audiences") { $0.claims["aud"] = [url, "https://elsewhere.example"] }
            try await add("the future") { $0.claims["iat"] = now + 120 }
            try await add("too long a life") { $0.claims["exp"] = now + 3600 }
            try await add("expired") { ($0.claims["iat"], $0.claims["exp"]) = (now - 200, now - 100) }
            try await add("no jti") { $0.claims["jti"] = nil }
            try await add("two names") { $0.claims["sub"] = "ecluse_006401" }
            try await add("another sender") {
                ($0.claims["iss"], $0.claims["sub"]) = ("ecluse_006401", "ecluse_006401")
            }
            try await add("no client id") { ($0.claims["iss"], $0.claims["sub"]) = ("acme", "acme") }
            try await add("oversized") { $0.claims["jti"] = String(repeating: "j", count: 9000) }
            try await add("another algorithm's name") { $0.header = ["alg": "ES384"] }
            wrong.append(("no token", "abc"))
            for (name, assertion) in wrong {
                let answer = try await service.askToken(assertion)
                #expect(answer.status == 401, "\(name): \(answer.text)")
                #expect(answer.json["error"] as? String == "invalid_client", "\(name)")
                #expect(answer.json["access_token"] == nil, "\(name)")
            }
            // And with the same key all is well.
            _ = try await service.token(with: key)
        }
    }

    @Test func `wrong forms are refused by RFC 6749`() async throws {
        try await Self.lend { service, key in
            let assertion = try await Assertion(of: "006400", for: service.url).signed(by: key)
            let grant = try await service.askToken(assertion, ["grant_type": "password"])
            #expect(grant.status == 400)
            #expect(grant.json["error"] as? String == "unsupported_grant_type")
            let type = try await service.askToken(assertion, ["client_assertion_type": "saml"])
            #expect(type.json["error"] as? String == "invalid_request")
            let named = try await service.askToken(assertion, ["client_id": "ecluse_006401"])
            #expect(named.json["error"] as? String == "invalid_client")
            let twice = try await service.curl("/v1/oauth/token", ["-d", "grant_type=a&grant_type=a"])
            #expect(twice.json["error"] as? String == "invalid_request")
            let json = try await service.curl(
                "/v1/oauth/token", ["-H", "Content-Type: application/json", "-d", "{}"])
            #expect(json.status == 415)
            #expect(json.problem == "unsupported")
        }
    }

    @Test func `what an assertion lacks is told, whoever made it`() async throws {
        let stranger = try await TestKey.mint()
        try await Self.lend(configure: { $0.access.penalties.isOn = false }) { service, key in
            for signer in [key, stranger] {
                var assertion = Assertion(of: "006400", for: service.url)
                assertion.claims["iat"] = nil
                let answer = try await service.askToken(try await assertion.signed(by: signer))
                #expect(answer.status == 401)
                #expect(answer.json["error_description"] as? String == "The assertion has no claim iat.")
            }
        }
    }

    @Test
    func `an assertion of a clock that is ahead is taken when its time has come, and not by a later run`()
        async throws
    {
        let configure: (inout WebServerConfiguration) -> Void = { $0.publicURL = "https://ecluse.example" }
        let key = try await TestKey.mint()
        let used = Mutex("")
        try await TestService.lend(.these([TestRoutes()]), configure: configure) { service in
            service.register(key)
            var assertion = Assertion(of: "006400", for: "https://ecluse.example")
            let ahead = Int(Date().timeIntervalSince1970) + 5
            (assertion.claims["iat"], assertion.claims["exp"]) = (ahead, ahead + 200)
            let text = try await assertion.signed(by: key)
            used.withLock { $0 = text }
            let answer = try await service.askToken(text)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(Date().timeIntervalSince1970 >= Double(ahead))
        }
        try await TestService.lend(.these([TestRoutes()]), configure: configure) { service in
            service.register(key)
            let replay = try await service.askToken(used.withLock { $0 })
            #expect(replay.status == 401)
            #expect(
                replay.json["error_description"] as? String
                    == "The assertion is older than this service: make another.")
        }
    }

    @Test func `an assertion is good once`() async throws {
        try await Self.lend { service, key in
            let assertion = try await Assertion(of: "006400", for: service.url).signed(by: key)
            #expect(try await service.askToken(assertion).status == 200)
            let again = try await service.askToken(assertion)
            #expect(again.status == 401)
            #expect(again.json["error"] as? String == "invalid_client")
        }
    }

    @Test func `scopes narrow the token, and more than registered is invalid_scope`() async throws {
        try await Self.lend { service, key in
            let token = try await service.token(with: key, scope: "scope:dmfa:set:consult")
            let who = try await service.curl("/v1/whoami", Self.bearer(token))
            #expect(who.json["scopes"] as? [String] == ["scope:dmfa:set:consult"])
            let sending = try await service.curl("/v1/swallow", Self.bearer(token) + ["-d", "x"])
            #expect(sending.status == 403)
            #expect(sending.problem == "forbidden")
            for scope in ["scope:drs:set:send", "scope:dmfa:set:own", "openid", "scope:dmfa:set:send openid"]
            {
                let assertion = try await Assertion(of: "006400", for: service.url).signed(by: key)
                let answer = try await service.askToken(assertion, ["scope": scope])
                #expect(answer.status == 400, "\(scope)")
                #expect(answer.json["error"] as? String == "invalid_scope", "\(scope)")
            }
        }
    }

    @Test func `a token ends with its certificate, its application and its sender, at once`() async throws {
        try await Self.lend { service, key in
            let token = try await service.token(with: key)
            service.directory.grant(["dimona"], to: TestService.sender)
            let narrowed = try await service.curl("/v1/whoami", Self.bearer(token))
            #expect(
                narrowed.json["scopes"] as? [String] == ["scope:dimona:set:consult", "scope:dimona:set:send"])
            service.directory.revoke(key.certificate.fingerprint, of: TestService.sender)
            let revoked = try await service.curl("/v1/whoami", Self.bearer(token))
            #expect(revoked.status == 401)
            #expect(revoked.headers["www-authenticate"]?.contains("invalid_token") == true)
            #expect(revoked.problem == "unauthenticated")
        }
    }

    @Test func `a token ends with its time`() async throws {
        let stopped = Mutex<Date?>(nil)
        try await Self.lend(now: { stopped.withLock { $0 } ?? Date() }) { service, key in
            let token = try await service.token(with: key)
            let claims = try #require(Base64URL.bytes(of: token.split(separator: ".")[1]))
            let end = try JSONDecoder().decode(AccessToken.self, from: Data(claims)).exp
            for (offset, status) in [(-5.0, 200), (1.0, 401)] {
                stopped.withLock { $0 = Date(timeIntervalSince1970: Double(end) + offset) }
                #expect(try await service.curl("/v1/whoami", Self.bearer(token)).status == status)
            }
        }
    }

    @Test func `forged tokens, tokens of another service and other schemes are refused`() async throws {
        try await Self.lend(configure: { $0.access.penalties.isOn = false }) { service, key in
            let token = try await service.token(with: key)
            let parts = token.split(separator: ".").map(String.init)
            let claims = try #require(Base64URL.bytes(of: parts[1]))
            let other = String(decoding: claims, as: UTF8.self).replacingOccurrences(
                of: "006400", with: "006401")
            let forged = "\(parts[0]).\(Assertion.text(of: other.utf8)).\(parts[2])"
            let unsigned = Assertion.text(of: #"{"alg":"none"}"#.utf8) + ".\(parts[1])."
            let foreign = try await Assertion(of: "006400", for: service.url).signed(by: key)
            for wrong in [forged, unsigned, foreign, "abc", "", parts[0] + "." + parts[1]] {
                let answer = try await service.curl("/v1/whoami", Self.bearer(wrong))
                #expect(answer.status == 401, "\(wrong)")
            }
            let basic = try await service.curl("/v1/whoami", ["-u", "EXPacme:secret"])
            #expect(basic.status == 401)
            let none = try await service.curl("/v1/whoami")
            #expect(none.status == 401)
            #expect(none.headers["www-authenticate"] == "Bearer realm=\"ecluse\"")
        }
    }

    @Test func `a token ends with the service`() async throws {
        let key = try await TestKey.mint()
        let token = Mutex("")
        for status in [200, 401] {
            try await TestService.lend(
                .these([TestRoutes()]), configure: { $0.publicURL = "https://ecluse.example" }
            ) { service in
                service.register(key)
                if status == 200 {
                    let assertion = try await Assertion(of: "006400", for: "https://ecluse.example").signed(
                        by: key)
                    let answer = try await service.askToken(assertion)
                    token.withLock { $0 = answer.json["access_token"] as? String ?? "" }
                }
                let who = try await service.curl("/v1/whoami", Self.bearer(token.withLock { $0 }))
                #expect(who.status == status)
            }
        }
    }

    @Test func `failures shut out their address, but nobody whose proof stands`() async throws {
        try await Self.lend(configure: {
            $0.access.penalties.first = 600
            $0.access.penalties.forgetting = 86_400
        }) { service, key in
            let token = try await service.token(with: key)
            for _ in 0..<4 {
                let answer = try await service.askToken("abc")
                #expect(answer.status == 401)
            }
            let shut = try await service.askToken("abc")
            #expect(shut.status == 429)
            #expect(shut.problem == "too-many")
            #expect((1...600).contains(Int(shut.headers["retry-after"] ?? "") ?? 0))
            let other = try await TestKey.mint()
            let forged = try await Assertion(of: "006400", for: service.url).signed(by: other)
            #expect(try await service.askToken(forged).status == 429)
            // Whose proof stands is served all the same, and so is the neighbour.
            #expect(try await service.curl("/v1/whoami", Self.bearer(token)).status == 200)
            let right = try await Assertion(of: "006400", for: service.url).signed(by: key)
            let behind = try await service.askToken(right)
            #expect(behind.status == 200, "\(behind.text)")
            let assertion = try await Assertion(of: "006400", for: service.url).signed(by: key)
            let neighbour = try await service.curl(
                "/v1/oauth/token",
                [
                    "--interface", "127.0.0.2", "--data-urlencode", "grant_type=client_credentials",
                    "--data-urlencode", "client_assertion_type=\(TokenDesk.assertionType)",
                    "--data-urlencode",
                    "client_assertion=\(assertion)",
                ])
            #expect(neighbour.status == 200, "\(neighbour.text)")
        }
    }

    @Test func `while nobody can be looked up all are told to come again, and nobody pays for it`()
        async throws
    {
        try await Self.lend(configure: {
            $0.access.penalties.freeFailures = 0
            $0.access.penalties.first = 600
        }) { service, key in
            let token = try await service.token(with: key)
            service.directory.fail(DirectoryFault("disk I/O error"))
            for _ in 0..<3 {
                let assertion = try await Assertion(of: "006400", for: service.url).signed(by: key)
                for answer in [
                    try await service.askToken(assertion),
                    try await service.curl("/v1/whoami", Self.bearer(token)),
                ] {
                    #expect(answer.status == 503, "\(answer.text)")
                    #expect(answer.problem == "unavailable")
                    #expect(answer.headers["retry-after"] != nil)
                    #expect(!answer.text.contains("disk"))
                }
            }
            service.directory.fail(nil)
            #expect(try await service.curl("/v1/whoami", Self.bearer(token)).status == 200)
            // One failure, as there was none before, is answered and not shut out.
            #expect(try await service.askToken("abc").status == 401)
        }
    }

    @Test func `the metadata says where tokens are given`() async throws {
        try await Self.lend { service, _ in
            let metadata = try await service.curl("/.well-known/oauth-authorization-server")
            #expect(metadata.status == 200)
            #expect(metadata.json["issuer"] as? String == service.url)
            #expect(metadata.json["token_endpoint"] as? String == service.url + "/v1/oauth/token")
            let algorithms = metadata.json["token_endpoint_auth_signing_alg_values_supported"] as? [String]
            #expect(algorithms == ["RS256", "PS256", "ES256", "ES384"])
        }
    }
}
