internal import ArgumentParser
internal import Channels
internal import Exchange
internal import Foundation
internal import Logging
internal import Pipeline
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Runs the daemon in the foreground; SIGTERM drains it, SIGHUP reads the configuration again.")

    @OptionGroup var instance: InstanceOptions

    func run() async throws {
        let instance = try instance.open()
        let configuration = instance.configuration
        var logger = Logger(label: "ecluse") { _ in LineLogHandler() }
        logger.logLevel = configuration.logLevel

        DescriptorLimit.raise(for: configuration.sftp?.sessions ?? 0, logger: logger)
        let registry = try instance.registry()
        let ground = try instance.ground()
        let destinations = try instance.destinations()
        let signer = try instance.signer()
        let ready = ReadyFile(spoolRoot: configuration.spoolRoot)
        ready.removeStale()
        let spool = try Spool.open(at: configuration.spoolRoot, limits: configuration.limits, logger: logger)
        let pipeline = Pipeline(
            spool: spool, registry: registry, ground: ground, destinations: destinations, signer: signer,
            pauses: configuration.pauses, logger: logger)

        var services: [any Service] = [
            ThreadService(
                [
                    (configuration.deciding, pipeline.decideUntilClosed),
                    (configuration.delivering, pipeline.deliverUntilClosed),
                ], stop: spool.stopHandingOut)
        ]
        if let folder = configuration.folder {
            let channel = FolderChannel(
                folder, directory: registry, intake: spool, outbox: spool, logger: logger)
            services.append(ThreadService([(1, channel.run)], stop: channel.stop))
        }
        var addresses: [String: String] = [:]
        if let sftp = configuration.sftp {
            let server = SFTPServer(configuration: sftp, directory: registry, intake: spool, logger: logger)
            let (host, port) = try server.start()
            addresses["sftp"] = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            services.append(StoppingService { server.stop(grace: 5) })
        }
        services.append(ReloadService(file: configuration.file, pipeline: pipeline, logger: logger))
        services.append(ReadyService(file: ready, addresses: addresses, logger: logger))

        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        defer { spool.close() }
        try await group.run()
    }
}
