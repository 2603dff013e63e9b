internal import ArgumentParser
internal import Channels
internal import Exchange
internal import Foundation
internal import Logging
internal import Pipeline
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals
internal import Validation
internal import WebChannel
internal import Workers

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Runs the daemon in the foreground; SIGTERM drains it, SIGHUP reads the configuration again.")

    @OptionGroup var instance: InstanceOptions

    func run() async throws {
        var instance = try instance.open()
        let configured = instance.configuration
        var logger = Logger(label: "ecluse") { _ in LineLogHandler() }
        logger.logLevel = configured.logLevel

        let places = DescriptorLimit.raise(
            for: configured.sftp?.sessions ?? 0, configured.web?.connections ?? 0, logger: logger)
        instance.configuration.sftp?.sessions = places.sessions
        instance.configuration.web?.connections = places.connections
        let configuration = instance.configuration
        try configuration.checkFiles()
        let registry = try instance.registry()
        let ground = try instance.ground()
        let grace = StopGrace()
        let destinations = try instance.destinations { grace.isOver }
        let signer = try instance.signer()
        try instance.webSettings()?.checkCertificate()
        let workers = try instance.workers(until: { grace.isOver }, logger: logger)
        let ready = ReadyFile(spoolRoot: configuration.spoolRoot)
        ready.removeStale()
        if configuration.limits.refusedPerSecond == nil {
            logger.warning("a sender may have any number of sets refused: limits.refusedPerSecond is off")
        }
        let spool = try Spool.open(at: configuration.spoolRoot, limits: configuration.limits, logger: logger)
        let refresher = StatusRefresher(
            registry: registry, fetcher: HTTPStatusFetcher(until: { grace.isOver }), logger: logger)
        let expiry = ExpiryWatch(registry: registry, logger: logger)
        let pipeline = Pipeline(
            spool: spool, registry: registry, ground: ground, destinations: destinations, signer: signer,
            examiner: workers ?? LocalExaminer(), refresher: refresher, pauses: configuration.pauses,
            logger: logger)

        let desk = try OrderDesk(at: configuration.spoolRoot, spool: spool, logger: logger)
        var services: [any Service] = [
            ThreadService(
                [
                    (configuration.deciding, pipeline.decideUntilClosed),
                    (instance.deliveringThreads, pipeline.deliverUntilClosed),
                ]
            ) {
                spool.stopHandingOut()
                grace.begin()
            },
            ThreadService([(StatusRefresher.usualThreads, refresher.run)], stop: refresher.stop),
            ThreadService([(1, expiry.run)], stop: expiry.stop),
            ThreadService([(1, desk.run)], stop: desk.stop),
        ]
        for inbox in try instance.inboxes(spool, registry, logger: logger) {
            services.append(ThreadService([(1, inbox.run)], stop: inbox.stop))
        }
        var addresses: [String: String] = [:]
        if let sftp = configuration.sftp {
            let server = SFTPServer(configuration: sftp, directory: registry, intake: spool, logger: logger)
            let (host, port) = try server.start()
            addresses["sftp"] = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            services.append(StoppingService { server.stop(grace: 5) })
        }
        if let web = try instance.webServer(spool, registry, refresher, logger: logger) {
            let (host, port) = try await web.start()
            addresses["web"] = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            services.append(web)
        }
        services.append(
            ReloadService(
                file: configuration.file, pipeline: pipeline,
                deliveringThreads: instance.deliveringThreads, grace: grace, logger: logger))
        services.append(ReadyService(file: ready, addresses: addresses, logger: logger))

        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        defer {
            workers?.stop()
            spool.close()
        }
        try await group.run()
    }
}
