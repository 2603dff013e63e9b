import Exchange
import Foundation
import TestServers
import Testing

@testable import WebChannel

/// Lets schemathesis look for requests that the description does not foretell the answer of.
@Suite struct SchemathesisTests {
    @Test(.enabled(if: Schemathesis.program != nil || Schemathesis.isRequired))
    func `schemathesis finds nothing`() async throws {
        let program = try #require(Schemathesis.program, "schemathesis is not installed")
        let key = try await TestKey.mint()
        try await TestService.lend(configure: {
            $0.limits.requestsPerAddress = 10_000
            $0.limits.requestsPerSender = 10_000
            $0.limits.burst = 10_000
            // It asks for waits thousands of times, and nothing is ever answered.
            $0.limits.waitsPerSender = 0
            $0.access.penalties.isOn = false
            $0.access.tokenLife = 7200
        }) { service in
            service.register(key, applications: ["dimona", "dmfa"])
            let token = try await service.token(with: key)
            let scratch = try Scratch()
            try scratch.write(Schemathesis.hooks.utf8, to: "hooks.py")
            let run = try await Program.run(
                "env",
                [
                    "-C", scratch.path, program, "--config-file",
                    try scratch.write(Schemathesis.configuration.utf8, to: "schemathesis.toml"), "--no-color",
                    "run",
                    "\(service.url)/v1/openapi.json", "--tls-verify", service.key.certificateFile, "--header",
                    "Authorization: Bearer \(token)", "--max-examples", "25", "--generation-deterministic",
                    "--report-dir", scratch.path,
                ], limit: 1800)
            #expect(run.status == 0, "\(run.text)\(run.errors)")
        }
    }
}
