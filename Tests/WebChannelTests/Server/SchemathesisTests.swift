import Foundation
import Testing

@testable import WebChannel

/// Lets schemathesis look for requests that the description does not foretell the answer of.
@Suite struct SchemathesisTests {
    /// The program: named by `SCHEMATHESIS`, or on PATH.
    private static let program: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["SCHEMATHESIS"] { return named }
        let found = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/schemathesis" }
        return found.first { access($0, X_OK) == 0 }
    }()

    private static var isRequired: Bool {
        ProcessInfo.processInfo.environment["ECLUSE_REQUIRE_CLIENTS"] != nil
    }

    /// What it is told of this service.
    private static let configuration = """
        hooks = "hooks.py"
        # A wait for the longest there is ends before.
        request-timeout = 90
        # Which names, digests and metadata are good, no schema can say: those are refused with a code.
        checks.positive_data_acceptance.enabled = false
        # Another version of tus, too large a body and no length have statuses of their own.
        checks.missing_required_header.expected-statuses = [400, 401, 403, 411, 412, 415, 422]
        checks.negative_data_rejection.expected-statuses = [
            400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 414, 415, 422, 428, 429, 431, "5xx",
        ]

        # What is spoken of tus is told to anybody, whatever the path names.
        [[operations]]
        include-method = "OPTIONS"
        checks.use_after_free.enabled = false
        checks.negative_data_rejection.enabled = false
        """

    private static let hooks = """
        import schemathesis

        schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
        """

    @Test(.enabled(if: program != nil || isRequired))
    func `schemathesis finds nothing`() async throws {
        let program = try #require(Self.program, "schemathesis is not installed")
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
            try scratch.write(Self.hooks.utf8, to: "hooks.py")
            let run = try await Program.run(
                "env",
                [
                    "-C", scratch.path, program, "--config-file",
                    try scratch.write(Self.configuration.utf8, to: "schemathesis.toml"), "--no-color", "run",
                    "\(service.url)/v1/openapi.json", "--tls-verify", service.key.certificateFile, "--header",
                    "Authorization: Bearer \(token)", "--max-examples", "25", "--generation-deterministic",
                    "--report-dir", scratch.path,
                ], limit: 1800)
            #expect(run.status == 0, "\(run.text)\(run.errors)")
        }
    }
}
