internal import Channels
internal import Logging
internal import Pipeline
internal import Registry
internal import ServiceLifecycle
internal import Spool
internal import Validation
internal import WebChannel
internal import Workers

/// What judges, keeps and delivers sets, opened and wired together; no sender reaches it yet.
struct Stages {
    let registry: Registry
    let spool: Spool
    let pipeline: Pipeline
    let refresher: StatusRefresher
    /// Over once what is under way at a stop is to be given up.
    let grace: StopGrace
    let ready: ReadyFile
    private let instance: Instance
    private let workers: WorkerPool?
    private let expiry: ExpiryWatch
    private let desk: OrderDesk

    /// Opens the spool when all else that judges and delivers is there: what is wrong with that is told without recovering
    /// a spool.
    init(_ instance: Instance, logger: Logger) throws {
        self.instance = instance
        let configuration = instance.configuration
        registry = try instance.registry()
        let ground = try instance.ground()
        let grace = StopGrace()
        self.grace = grace
        let destinations = try instance.destinations { grace.isOver }
        let signer = try instance.signer()
        try instance.webSettings()?.checkCertificate()
        workers = try instance.workers(until: { grace.isOver }, logger: logger)
        ready = ReadyFile(spoolRoot: configuration.spoolRoot)
        ready.removeStale()
        if configuration.limits.refusedPerSecond == nil {
            logger.warning("a sender may have any number of sets refused: limits.refusedPerSecond is off")
        }
        spool = try Spool.open(at: configuration.spoolRoot, limits: configuration.limits, logger: logger)
        refresher = StatusRefresher(
            registry: registry, fetcher: HTTPStatusFetcher(until: { grace.isOver }), logger: logger)
        expiry = ExpiryWatch(registry: registry, logger: logger)
        pipeline = Pipeline(
            spool: spool, registry: registry, ground: ground, destinations: destinations, signer: signer,
            examiner: workers ?? LocalExaminer(), refresher: refresher, pauses: configuration.pauses,
            logger: logger)
        desk = try OrderDesk(at: configuration.spoolRoot, spool: spool, logger: logger)
    }

    /// Their threads, in the order they are to start.
    var services: [any Service] {
        [
            ThreadService(
                [
                    (instance.configuration.deciding, pipeline.decideUntilClosed),
                    (instance.deliveringThreads, pipeline.deliverUntilClosed),
                ]
            ) { [spool, grace] in
                spool.stopHandingOut()
                grace.begin()
            },
            ThreadService([(StatusRefresher.usualThreads, refresher.run)], stop: refresher.stop),
            ThreadService([(1, expiry.run)], stop: expiry.stop),
            ThreadService([(1, desk.run)], stop: desk.stop),
        ]
    }

    /// Once all services have ended.
    func close() {
        workers?.stop()
        spool.close()
    }
}
