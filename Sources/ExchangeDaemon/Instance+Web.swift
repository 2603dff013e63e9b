internal import Exchange
internal import Logging
internal import Pipeline
internal import Registry
internal import Spool
internal import WebChannel

extension Instance {
    /// The web service; nil when it is off.
    func webServer(
        _ spool: Spool, _ registry: Registry, _ refresher: StatusRefresher, logger: Logger
    ) throws -> WebServer? {
        guard let settings = webSettings() else { return nil }
        let catalogue = try catalogue()
        return try WebServer(
            configuration: settings, directory: TrustedWebDirectory(registry: registry, refresher: refresher),
            applicationOf: { catalogue.application(for: $0)?.code }, intake: spool, homes: spool,
            shelf: spool,
            reports: LedgerReports(spool: spool), logger: logger)
    }

    func webSettings() -> WebServerConfiguration? {
        guard let web = configuration.web else { return nil }
        var settings = WebServerConfiguration(
            certificateChainFile: web.certificateFile, privateKeyFile: web.keyFile)
        settings.host = web.host
        settings.port = web.port
        settings.publicURL = web.publicURL
        settings.limits.connections = web.connections
        settings.limits.connectionsPerAddress = web.connectionsPerAddress
        settings.limits.idleTime = web.idleTime
        settings.limits.headerTime = web.headerTime
        settings.limits.requestsPerSender = Double(web.requestsPerSender) / 60
        settings.limits.requestsPerAddress = Double(web.requestsPerAddress) / 60
        // A set as large as allowed, and what multipart adds to it.
        settings.limits.bodyBytes = Int(clamping: configuration.policy.setSize) + 1_000_000
        settings.largestFile = UInt64(clamping: configuration.limits.fileSize)
        settings.uploadRetention = configuration.limits.consignmentRetention
        settings.access.penalties = configuration.penalty
        settings.access.tokenLife = web.tokenLife
        settings.access.assertionLife = web.assertionLife
        settings.access.clockSkew = web.clockSkew
        return settings
    }
}
