import Foundation
import TestServers
import Testing

/// The daemon's own web service beside its description.
@Suite(
    .served([
        ("requestsPerSender: 6000", "requestsPerSender: 1000000"),
        ("requestsPerAddress: 6000", "requestsPerAddress: 1000000"),
    ])
) struct WebDescriptionTests {
    @Test(.enabled(if: Schemathesis.program != nil || Schemathesis.isRequired))
    func `schemathesis finds nothing in the running daemon either`() throws {
        let program = try #require(Schemathesis.program, "schemathesis is not installed")
        let instance = try SharedInstance.running()
        let sender = try instance.enrol(channel: "web")
        let place = try Scratch()
        _ = try place.write(Array(Schemathesis.hooks.utf8), to: "hooks.py")
        let run = try Program.run(
            "env",
            [
                "-C", place.path, program, "--config-file",
                place.write(Array(Schemathesis.configuration.utf8), to: "schemathesis.toml"), "--no-color",
                "run",
                "https://127.0.0.1:\(instance.webPort)/v1/openapi.json",
                "--tls-verify", instance.path("config/keys/web.pem"),
                "--request-cert", place.write(sender.signatory.pem, to: "certificate.pem"),
                "--request-cert-key", place.write(sender.signatory.keyPEM, to: "key.pem"),
                "--phases", "examples,coverage,fuzzing", "--max-examples", "5", "--generation-deterministic",
                "--report-dir", place.path,
            ], limit: 1800)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(instance.isRunning)
    }
}
