import Foundation
import Logging
import Testing

@testable import WebChannel

@Suite struct WebServerTests {
    private func server(_ configuration: WebServerConfiguration) throws -> WebServer {
        try WebServer(
            configuration: configuration, directory: FakeDirectory(), resources: [],
            logger: Logger(label: "test"))
    }

    @Test func `certificate and key that cannot be read are told before anything is bound`() async throws {
        let key = try await TestKey.mint()
        let other = try await TestKey.mint(.rsa)
        func configuration(_ certificate: String, _ private: String) -> WebServerConfiguration {
            WebServerConfiguration(certificateChainFile: certificate, privateKeyFile: `private`)
        }
        #expect(throws: WebServerFault.self) { try server(configuration("/nowhere", key.keyFile)) }
        #expect(throws: WebServerFault.self) { try server(configuration(key.certificateFile, "/nowhere")) }
        #expect(throws: WebServerFault.self) {
            try server(configuration(key.certificateFile, key.certificateFile))
        }
        #expect(throws: WebServerFault.self) { try server(configuration(key.certificateFile, other.keyFile)) }
    }

    @Test func `a port that is taken is told by start`() async throws {
        try await TestService.lend(.these([])) { service in
            let key = try await TestKey.mint()
            var configuration = WebServerConfiguration(
                certificateChainFile: key.certificateFile, privateKeyFile: key.keyFile)
            configuration.port = service.port
            let second = try server(configuration)
            await #expect(throws: WebServerFault.self) { try await second.start() }
            await #expect(throws: WebServerFault.alreadyStarted) { try await second.start() }
            await #expect(throws: WebServerFault.notStarted) { try await second.run() }
        }
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `a request under way at the end of service is answered`(version: String) async throws {
        let routes = TestRoutes()
        try await TestService.lend(.these([routes]), configure: { $0.limits.drainTime = 300 }) { service in
            async let asked = service.curl("/v1/wait", [version, "-v"])
            let isWaiting = try await eventually { routes.waiting == 1 }
            #expect(isWaiting)
            await service.stop()
            let answer = try await asked
            #expect(answer.status == 200, "\(answer.errors)")
        }
    }

    @Test func `a client that keeps its connection does not hold up the end of service`() async throws {
        try await TestService.lend(.these([]), configure: { $0.limits.drainTime = 1 }) { service in
            async let held = RawClient.run(
                """
                first, second = connect("http/1.1"), connect("h2")
                second.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
                second.recv(10)
                print(len(answer(first)))
                """, at: service)
            let isHeld = try await eventually { service.server.connections == 2 }
            #expect(isHeld)
            await service.stop()
            let answered = try await held
            #expect(answered == "0\n")
        }
    }
}
