import Exchange
import Foundation

@testable import WebChannel

/// A registered sender that talks to the service with its certificate.
struct TestSender: Sendable {
    let service: TestService
    let key: TestKey
    let number: SenderNumber

    /// Starts a service, registers a sender and lends both.
    static func lend<Result>(
        applications: [String] = ["dmfa"], configure: (inout WebServerConfiguration) -> Void = { _ in },
        to body: (TestSender) async throws -> Result
    ) async throws -> Result {
        let key = try await TestKey.mint()
        return try await TestService.lend(configure: configure) { service async throws in
            service.register(key, applications: applications)
            return try await body(TestSender(service: service, key: key, number: TestService.sender))
        }
    }

    /// Another one at the same service.
    func another(_ digits: String = "006401") async throws -> TestSender {
        guard let number = SenderNumber(digits) else { throw Program.Fault(description: "no sender number") }
        let key = try await TestKey.mint()
        service.register(key, of: number)
        return TestSender(service: service, key: key, number: number)
    }

    func ask(_ path: String, _ arguments: [String] = [], input: [UInt8] = []) async throws -> Curl {
        try await service.curl(path, TestService.showing(key) + arguments, input: input)
    }

    /// Sends files as one form.
    func send(_ files: [(name: String, content: String)], _ arguments: [String] = []) async throws -> Curl {
        let scratch = try Scratch()
        var form: [String] = []
        for (index, file) in files.enumerated() {
            let path = try scratch.write(file.content.utf8, to: "\(index)")
            form += ["-F", "file=@\(path);filename=\(file.name)"]
        }
        return try await ask("/v1/sets", form + arguments)
    }

    /// A Python client with `connect()`, which gives a TLS socket that showed the sender's certificate.
    func python(_ script: String) async throws -> String {
        let preamble = """
            import socket, ssl, sys, hashlib, base64, threading, time, json
            def connect():
                context = ssl.create_default_context(cafile=\(quoted(service.key.certificateFile)))
                context.check_hostname = False
                context.load_cert_chain(\(quoted(key.certificateFile)), \(quoted(key.keyFile)))
                raw = socket.create_connection(("127.0.0.1", \(service.port)), timeout=100)
                return context.wrap_socket(raw)

            """
        let said = try await Program.need("python3", ["-c", preamble + script])
        return String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func quoted(_ text: String) -> String { "'" + text + "'" }

    /// What the decision would say of a set that was sent.
    func report(
        on ticket: Ticket, _ state: SetReport.State, codes: [ReceptionCode] = [], receipt: String? = nil,
        name: String = "GO.DMFA.006400.20230420.00001.R.1"
    ) throws -> SetReport {
        guard let file = FileName(name) else { throw Program.Fault(description: "no file name") }
        let set = SealedSet(
            ticket: ticket, sender: number, channel: .web, mailbox: .incoming,
            receivedAt: Date(timeIntervalSince1970: 1_700_000_000), name: file, hasTrigger: true, parts: [])
        let findings = codes.map { Finding($0, file: file, detail: "Because.") }
        let step = SetReport.Step(
            number: 1, phase: "name", rule: "Names follow the convention",
            verdict: codes.isEmpty ? "passed" : "refused",
            findings: findings)
        return SetReport(
            set: set, state: state, steps: state == .received ? [] : [step], codes: codes, decidedAt: nil,
            repeats: nil,
            receipt: receipt)
    }
}
