internal import ArgumentParser
internal import Channels
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals
internal import WebChannel

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Runs the daemon in the foreground; SIGTERM drains it, SIGHUP reads the configuration again.")

    @OptionGroup var instance: InstanceOptions

    func run() async throws {
        // Who reads the log may go; connections that end are told by their calls.
        signal(SIGPIPE, SIG_IGN)
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
        let stages = try Stages(instance, logger: logger)
        let (registry, spool) = (stages.registry, stages.spool)

        var services = stages.services
        for inbox in try instance.inboxes(spool, registry, logger: logger) {
            services.append(ThreadService([(1, inbox.run)], stop: inbox.stop))
        }
        // Stopped when no sender is connected any more, before inboxes and desk, which wait for the ledger without end.
        services.append(StoppingService { spool.stopWaitingForLedger() })
        var addresses: [String: String] = [:]
        if let sftp = configuration.sftp {
            let server = SFTPServer(configuration: sftp, directory: registry, intake: spool, logger: logger)
            let (host, port) = try server.start()
            addresses["sftp"] = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            services.append(StoppingService { server.stop(grace: 5) })
        }
        if let web = try instance.webServer(spool, registry, stages.refresher, logger: logger) {
            let (host, port) = try await web.start()
            addresses["web"] = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            services.append(web)
        }
        services.append(
            ReloadService(
                file: configuration.file, pipeline: stages.pipeline,
                deliveringThreads: instance.deliveringThreads, grace: stages.grace, logger: logger))
        services.append(ReadyService(file: stages.ready, addresses: addresses, logger: logger))

        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        defer { stages.close() }
        try await group.run()
    }
}
