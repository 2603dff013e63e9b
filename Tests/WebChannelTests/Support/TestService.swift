import Exchange
import Foundation
import ServiceLifecycle

@testable import WebChannel

/// The web service in this process, on a port of its own, with everything behind it faked.
final class TestService: Sendable {
    let directory = FakeDirectory()
    let intake = FakeIntake()
    let homes = FakeHomes()
    let shelf = FakeShelf()
    let reports = FakeReports()
    let log = TestLog()
    let key: TestKey
    private let listening: (host: String, port: Int)

    static let sender = known("006400")
    static let otherSender = known("006401")

    private static func known(_ number: String) -> SenderNumber {
        guard let sender = SenderNumber(number) else { preconditionFailure("\(number) is no sender") }
        return sender
    }

    /// What is mounted.
    enum Resources {
        /// Those of the product.
        case own
        case these([any WebRoutes])
    }

    /// Starts a service, lends it, and stops it. One within another would wait for ever.
    static func lend<Result>(
        _ resources: Resources = .own, configure: (inout WebServerConfiguration) -> Void = { _ in },
        now: (@Sendable () -> Date)? = nil, to body: (TestService) async throws -> Result
    ) async throws -> Result {
        try await Gate.services.passing {
            try await running(resources, configure: configure, now: now, to: body)
        }
    }

    private static func running<Result>(
        _ resources: Resources, configure: (inout WebServerConfiguration) -> Void,
        now: (@Sendable () -> Date)?, to body: (TestService) async throws -> Result
    ) async throws -> Result {
        let key = try await TestKey.mint(for: "Service")
        var configuration = WebServerConfiguration(
            certificateChainFile: key.certificateFile, privateKeyFile: key.keyFile)
        configuration.limits.drainTime = 5
        // Clients of a busy machine pause for longer than anybody else.
        configuration.limits.headerTime = 300
        configuration.limits.bodyGrace = 600
        configuration.limits.idleTime = 600
        configure(&configuration)
        let service = try await TestService(key, configuration, resources, now)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await service.group.run() }
            guard try await eventually({ service.server.isRunning }) else {
                throw Program.Fault(description: "the service does not run")
            }
            let result: Result
            do {
                result = try await body(service)
            } catch {
                await service.stop()
                throw error
            }
            await service.stop()
            try await tasks.waitForAll()
            return result
        }
    }

    let server: WebServer
    private let group: ServiceGroup

    private init(
        _ key: TestKey, _ configuration: WebServerConfiguration, _ resources: Resources,
        _ now: (@Sendable () -> Date)?
    ) async throws {
        self.key = key
        switch resources {
        case .own:
            server = try WebServer(
                configuration: configuration, directory: directory,
                applicationOf: {
                    $0.description == "DMFA" ? "dmfa" : $0.description == "DIMN" ? "dimona" : nil
                },
                intake: intake, homes: homes, shelf: shelf, reports: reports, logger: log.logger)
        case .these(let routes):
            server = try WebServer(
                configuration: configuration, directory: directory, resources: routes,
                logger: log.logger,
                now: now ?? { Date() })
        }
        listening = try await server.start()
        group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [server], logger: log.logger))
    }

    /// Begins its end, as a signal does.
    func stop() async {
        await group.triggerGracefulShutdown()
    }

    var port: Int { listening.port }
    var url: String { "https://127.0.0.1:\(port)" }

    /// Registers a key for the sender's web channel.
    func register(
        _ key: TestKey, applications: [String] = ["dmfa"], of sender: SenderNumber = TestService.sender
    ) {
        directory.register(key.certificate, of: sender)
        directory.grant(applications, to: sender)
    }

    /// A request with curl, trusting the service's certificate.
    func curl(_ path: String, _ arguments: [String] = [], input: [UInt8] = []) async throws -> Curl {
        try await Curl.run(
            ["--cacert", key.certificateFile, "--path-as-is", "\(url)\(path)"] + arguments, input: input)
    }

    /// Asks for a token.
    func askToken(_ assertion: String, _ fields: [String: String] = [:]) async throws -> Curl {
        let form = [
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        ].merging(fields) { $1 }
        return try await curl(
            "/v1/oauth/token", form.flatMap { ["--data-urlencode", "\($0.key)=\($0.value)"] })
    }

    /// A token with all scopes of the sender.
    func token(
        with key: TestKey, of sender: SenderNumber = TestService.sender, scope: String? = nil
    ) async throws -> String {
        let algorithm = key.kind == .rsa ? "RS256" : key.kind == .p256 ? "ES256" : "ES384"
        let assertion = Assertion(of: sender.description, for: url + "/v1/oauth/token", algorithm: algorithm)
        let answer = try await askToken(
            try await assertion.signed(by: key), scope.map { ["scope": $0] } ?? [:])
        guard let token = answer.json["access_token"] as? String else {
            throw Program.Fault(description: "no token: \(answer.status) \(answer.text)")
        }
        return token
    }

    /// The options by which curl shows a certificate.
    static func showing(_ key: TestKey) -> [String] {
        ["--cert", key.certificateFile, "--key", key.keyFile]
    }
}
