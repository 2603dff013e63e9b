import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct CertificateTests {
    @Test(arguments: ["--http1.1", "--http2", "--tls-max 1.2"])
    func `a registered certificate opens the routes with every right`(option: String) async throws {
        let key = try await TestKey.mint(.rsa)
        try await TestService.lend(.these([TestRoutes()])) { service in
            service.register(key, applications: ["dmfa"])
            let who = try await service.curl(
                "/v1/whoami", TestService.showing(key) + option.split(separator: " ").map(String.init))
            #expect(who.status == 200, "\(who.text)")
            #expect(who.version == (option == "--http1.1" ? "1.1" : "2"))
            #expect(who.json["sender"] as? String == "006400")
            #expect(who.json["proof"] as? String == "certificate")
            #expect(who.json["scopes"] as? [String] == ["scope:dmfa:set:consult", "scope:dmfa:set:send"])
        }
    }

    @Test func `an unregistered certificate is as good as none`() async throws {
        let registered = try await TestKey.mint()
        let stranger = try await TestKey.mint()
        try await TestService.lend(.these([TestRoutes()])) { service in
            service.register(registered)
            let answer = try await service.curl("/v1/whoami", TestService.showing(stranger))
            #expect(answer.status == 401)
            #expect(answer.problem == "unauthenticated")
            let health = try await service.curl("/healthz", TestService.showing(stranger))
            #expect(health.status == 200)
            let token = try await service.token(with: registered)
            let both = try await service.curl(
                "/v1/whoami", TestService.showing(stranger) + ["-H", "Authorization: Bearer \(token)"])
            #expect(both.json["proof"] as? String == "token")
        }
    }

    @Test func `a certificate without application may do nothing`() async throws {
        let key = try await TestKey.mint()
        try await TestService.lend(.these([TestRoutes()])) { service in
            service.register(key, applications: [])
            let answer = try await service.curl("/v1/whoami", TestService.showing(key))
            #expect(answer.status == 403)
        }
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `a certificate revoked ends on connections that are open`(version: String) async throws {
        let key = try await TestKey.mint()
        try await TestService.lend(.these([TestRoutes()])) { service in
            service.register(key)
            service.directory.revokeAll(afterLookUps: 1)
            // One curl, one connection.
            let run = try await Program.run(
                "curl",
                ["-sS", version, "--cacert", service.key.certificateFile] + TestService.showing(key) + [
                    "-w", "%{http_code} %{num_connects}\n", "-o", "/dev/null", "\(service.url)/v1/whoami",
                    "-o",
                    "/dev/null", "\(service.url)/v1/whoami",
                ])
            #expect(run.text == "200 1\n401 0\n", "\(run.errors)")
        }
    }

    @Test(arguments: ["TLSv1_2", "TLSv1_3"])
    func `a session resumed still has its certificate`(
        version: String
    ) async throws {
        let key = try await TestKey.mint()
        try await TestService.lend(.these([TestRoutes()])) { service in
            service.register(key)
            let script = """
                context = ssl.create_default_context(cafile=trusted)
                context.load_cert_chain(arguments[0], arguments[1])
                context.minimum_version = context.maximum_version = ssl.TLSVersion.\(version)

                def ask(session):
                    plain = socket.create_connection(("127.0.0.1", port), 90)
                    peer = context.wrap_socket(plain, server_hostname="127.0.0.1", session=session)
                    peer.sendall(b"GET /v1/whoami HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n")
                    answered = b""
                    while b"}" not in answered:
                        answered += peer.recv(4096)
                    print(answered.decode().split(" ")[1], peer.session_reused)
                    return peer.session

                ask(ask(None))
                """
            let run = try await RawClient.run(script, at: service, [key.certificateFile, key.keyFile])
            #expect(run == "200 False\n200 True\n")
        }
    }
}
