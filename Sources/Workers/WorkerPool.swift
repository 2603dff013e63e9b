public import Exchange
public import Foundation
public import Logging
public import Validation

/// Judges files of strangers in confined processes of its own, each lent to one caller at a time.
///
/// A worker that ends, is too slow or answers what cannot be is ended, and what it had in hand is deferred with
/// `.workerFailed`; one that ends while nobody needs it is replaced in silence. `@unchecked Sendable`: `condition` guards
/// all that changes.
public final class WorkerPool: @unchecked Sendable {
    private let program: String
    private let settings: WorkerSettings
    private let mustStop: @Sendable () -> Bool
    private let logger: Logger
    /// Of those who want a worker, and of `stop`.
    private let condition = NSCondition()
    /// Of the thread that starts workers: one is missing, or all are to end.
    private let missing = DispatchSemaphore(value: 0)
    private var idle: [Worker] = []
    /// Idle and lent.
    private var running = 0
    private var isStopped = false
    /// Why the last one could not be started.
    private var fault: Deferral?
    private var report: Confinement.Report?
    /// Seconds before starting is tried again.
    private static let pause: TimeInterval = 1

    /// Starts the first worker and returns when it is there, the others in the background.
    ///
    /// - Parameters:
    ///   - program: the one that is run with the argument `worker`.
    ///   - mustStop: whether judgements are to be given up now; then they end with `.workerUnavailable`.
    /// - Throws: `.workerUnavailable` when it cannot be started or confined.
    public init(
        program: String = "/proc/self/exe", settings: WorkerSettings, logger: Logger,
        until mustStop: @escaping @Sendable () -> Bool = { false }
    ) throws(Deferral) {
        self.program = program
        self.settings = settings
        self.mustStop = mustStop
        self.logger = logger
        // One thread starts them all, and stays: they end with the thread that started them.
        let keeper = Thread { [self] in keep() }
        keeper.name = "workers"
        keeper.start()
        do {
            giveBack(try borrow())
        } catch {
            stop()
            throw error
        }
    }

    /// Ends the workers; returns when all that were lent are back and all have ended.
    public func stop() {
        condition.lock()
        defer { condition.unlock() }
        isStopped = true
        condition.broadcast()
        missing.signal()
        while running > 0 { condition.wait() }
    }

    /// The process numbers of the workers nobody uses now, and how many are lent.
    public var state: (idle: [Int32], lent: Int) {
        condition.withLock { (idle.map(\.process.pid), running - idle.count) }
    }

    /// Lends a worker to `judge`; when that one cannot be asked at all, another, and so on.
    func judged<Evidence>(by judge: (Worker) throws -> Evidence) throws(StageFailure) -> Evidence {
        do {
            var sentence = ""
            for _ in 0...settings.count {
                let worker = try borrow()
                do {
                    let evidence = try judge(worker)
                    giveBack(worker)
                    return evidence
                } catch let failure as StageFailure {
                    giveBack(worker)
                    throw failure
                } catch is Worker.GivenUp {
                    worker.process.end()
                    condition.withLock { isMissing() }
                    throw Deferral(.workerUnavailable, "The workers are being stopped.")
                } catch let fault as Worker.Unready {
                    sentence = discard(worker, after: fault)
                } catch {
                    throw Deferral(
                        .workerFailed,
                        "The worker that judged the set gave no verdict: \(discard(worker, after: error)).")
                }
            }
            throw Deferral(.workerUnavailable, "No worker can be asked: \(sentence).")
        } catch let failure as StageFailure {
            throw failure
        } catch let deferral as Deferral {
            throw .deferred(deferral)
        } catch {
            throw .deferred(Deferral(.unknown, "\(error)"))
        }
    }

    private func borrow() throws(Deferral) -> Worker {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if isStopped { throw Deferral(.workerUnavailable, "The workers were stopped.") }
            while let worker = idle.popLast() {
                if worker.process.isRunning { return worker }
                forget(worker)
            }
            if let fault, running == 0 { throw fault }
            condition.wait()
        }
    }

    private func giveBack(_ worker: Worker) {
        let isWornOut = worker.files >= settings.files
        if isWornOut { worker.process.end() }
        condition.lock()
        defer { condition.unlock() }
        if isWornOut {
            isMissing()
        } else {
            idle.append(worker)
            if isStopped { missing.signal() }
            condition.signal()
        }
    }

    /// One has ended. Under the lock.
    private func isMissing() {
        running -= 1
        missing.signal()
        condition.broadcast()
    }

    /// One that ended while nobody used it. Under the lock.
    private func forget(_ worker: Worker) {
        isMissing()
        logger.warning(
            "a worker ended by itself",
            metadata: ["pid": "\(worker.process.pid)", "how": "\(worker.process.end())"])
    }

    /// Ends it; returns why, and how it ended.
    private func discard(_ worker: Worker, after error: any Error) -> String {
        let why = error is WireFault ? "it said what cannot be read" : "\(error)"
        let how = worker.process.end()
        logger.error(
            "a worker failed", metadata: ["pid": "\(worker.process.pid)", "why": "\(why)", "how": "\(how)"])
        condition.withLock { isMissing() }
        return "\(why); \(how)"
    }

    /// Sees to it that there are as many as wanted; ends with the pool.
    private func keep() {
        condition.lock()
        defer { condition.unlock() }
        while !isStopped {
            guard running < settings.count else {
                waitForMissing()
                continue
            }
            condition.unlock()
            let started = Result { try Worker(program: program, settings: settings, until: mustStop) }
            condition.lock()
            welcome(started)
        }
        while running > 0 {
            for worker in idle { worker.process.end() }
            running -= idle.count
            idle = []
            condition.broadcast()
            if running > 0 { waitForMissing() }
        }
    }

    /// Lets go of the lock meanwhile.
    private func waitForMissing() {
        condition.unlock()
        missing.wait()
        condition.lock()
    }

    private func welcome(_ started: Result<Worker, any Error>) {
        switch started {
        case .success(let worker):
            note(worker.report)
            fault = nil
            running += 1
            idle.append(worker)
            condition.broadcast()
        case .failure(let error):
            let deferral =
                error as? Deferral
                ?? Deferral(.workerUnavailable, "A worker could not be started: \(error)")
            if fault != deferral { logger.error("no worker", metadata: ["error": "\(deferral.sentence)"]) }
            fault = deferral
            condition.broadcast()
            condition.unlock()
            // Not a wait at the condition, whose limits are moments of a clock that may be set.
            Thread.sleep(forTimeInterval: WorkerPool.pause)
            condition.lock()
        }
    }

    /// Says what the workers gave up, when it is not what the last one did.
    private func note(_ report: Confinement.Report) {
        guard self.report != report else { return }
        self.report = report
        let metadata: Logger.Metadata = ["processes": "\(settings.count)", "user": "\(report.user)"]
        if let reason = report.unfiltered {
            logger.warning(
                "workers are confined without a filter of system calls",
                metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        } else {
            logger.notice("workers are confined", metadata: metadata)
        }
    }
}

extension WorkerPool: Examiner {
    public func verify(
        _ payload: SentFile, with signature: SentFile, registered: [CertificateFacts], at time: Date,
        on ground: ExaminationGround
    ) throws(StageFailure) -> VerifiedSignature {
        let order = VerifyOrder(
            payload: payload.name, signature: signature.name, registered: registered.map { Data($0.der) },
            time: time, policy: ground.signaturePolicy)
        return try judged {
            try $0.evidence(order, payload, signature, on: ground, registered: registered)
        }
    }

    public func check(_ document: SentFile, as rule: PurposeRule, on ground: ExaminationGround)
        throws(StageFailure) -> CheckedDocument
    {
        let order = CheckOrder(document: document.name, rule: rule, limits: ground.documentLimits)
        return try judged { try $0.evidence(order, document, on: ground) }
    }
}
