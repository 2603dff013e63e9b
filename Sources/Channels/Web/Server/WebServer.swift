public import Exchange
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
public import Logging
internal import NIOSSL
public import ServiceLifecycle
internal import Synchronization

/// The web service: takes in sets and gives out answers over HTTPS, HTTP/1.1 and HTTP/2 on one port.
///
/// `start` binds; `run` serves until graceful shutdown. Certificates of senders are taken in the handshake without
/// judging them and looked up in the directory at each request.
public final class WebServer: Service {
    private enum Phase {
        case new(WebChildChannel)
        case bound(WebListener)
        case running
    }

    /// Everything that is mounted.
    let routes: RouteTable
    private let configuration: WebServerConfiguration
    private let book: ConnectionBook
    private let address: PublicAddress
    private let beginning: Beginning
    private let logger: Logger
    private let phase: Mutex<Phase?>

    /// - Parameters:
    ///   - applicationOf: the code of the application that holds a purpose; nil for a purpose nobody knows.
    /// - Throws: when certificate or key cannot be read.
    public convenience init(
        configuration: WebServerConfiguration, directory: any WebDirectory,
        applicationOf: @escaping @Sendable (Purpose) -> String?, intake: any SetIntake, homes: any Intake,
        shelf: any AnswerShelf, reports: any SetReports, logger: Logger
    ) throws(WebServerFault) {
        let exchange = WebExchange(
            intake: intake, homes: homes, reports: reports, shelf: shelf, applicationOf: applicationOf,
            threads: WebThreads(count: configuration.threads),
            waiting: WaitingRoom(seats: configuration.limits.waitsPerSender),
            bounds: WebExchange.Bounds(
                fileSize: configuration.largestFile, uploadRetention: configuration.uploadRetention))
        try self.init(
            configuration: configuration, directory: directory, resources: [ExchangeRoutes(exchange)],
            logger: logger)
    }

    /// - Parameters:
    ///   - resources: what callers come for.
    ///   - now: the date, for what is dated: tokens and assertions.
    init(
        configuration: WebServerConfiguration, directory: any WebDirectory, resources: [any WebRoutes],
        logger: Logger, now: @escaping @Sendable () -> Date = { Date() }
    ) throws(WebServerFault) {
        let address = PublicAddress(configuration.publicURL ?? "")
        let access = Access(
            directory: directory, key: AccessTokenKey(), policy: configuration.access, address: address,
            penalties: PenaltyLedger(policy: configuration.access.penalties), now: now)
        let beginning = Beginning(after: now())
        let desk = TokenDesk(access: access, seen: SeenAssertions(), beginning: beginning.date)
        let description = DescriptionRoutes(
            others: TokenRoutes(desk: desk).routes + resources.flatMap(\.routes), address: address)
        let routes = RouteTable(routes: description.described)
        let router = routes.mounted(under: configuration.limits, behind: access)
        let responder = WebResponder(router: router.buildResponder(), logger: logger)
        let book = ConnectionBook(
            most: configuration.limits.connections, mostPerNetwork: configuration.limits.connectionsPerAddress
        )
        do {
            let tls = try TLSConfiguration.webService(configuration)
            let connections = try WebChildChannel(tls: tls, limits: configuration.limits, book: book) {
                request, writer, channel in
                try await responder.respond(to: request, writer, on: channel)
            }
            phase = Mutex(.new(connections))
        } catch {
            throw .certificate("\(error)")
        }
        self.configuration = configuration
        self.address = address
        self.beginning = beginning
        self.routes = routes
        self.book = book
        self.logger = logger
    }

    var isRunning: Bool {
        phase.withLock { phase in
            guard case .running = phase else { return false }
            return true
        }
    }

    /// Connections now.
    var connections: Int { book.count }

    /// Listens, from the next whole second on. Connections are accepted from then on and served once `run` is called.
    ///
    /// - Returns: the numeric address and the port that are listened on.
    @discardableResult
    public func start() async throws(WebServerFault) -> (host: String, port: Int) {
        let next = phase.withLock { phase in
            defer { phase = nil }
            return phase
        }
        guard case .new(let connections) = next else { throw .alreadyStarted }
        await beginning.come()
        let listener = try await WebListener(
            host: configuration.host, port: configuration.port, connections: connections, logger: logger)
        let (host, port) = listener.address
        if configuration.publicURL == nil {
            address.url = "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
        phase.withLock { $0 = .bound(listener) }
        return (host, port)
    }

    /// Serves until graceful shutdown: then nothing new is accepted, and what is under way has the drain time.
    public func run() async throws {
        let next = phase.withLock { phase in
            defer { phase = .running }
            return phase
        }
        guard case .bound(let listener) = next else { throw WebServerFault.notStarted }
        try await listener.serve()
    }
}

extension TLSConfiguration {
    /// TLS 1.2 and 1.3; certificates of peers are asked for and not required.
    static func webService(_ configuration: WebServerConfiguration) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(configuration.certificateChainFile)
        let key = try NIOSSLPrivateKey(file: configuration.privateKeyFile, format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .optionalVerification
        return tls
    }
}

extension HTTPField.Name {
    static let xRequestID = known("X-Request-Id")
}
