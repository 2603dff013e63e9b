internal import Exchange
internal import Foundation
internal import Validation

/// A worker as the daemon speaks with it. It is told schemas and authorities when they are others than it has.
///
/// `@unchecked Sendable`: used by one thread at a time, the one that borrowed it from the pool.
final class Worker: @unchecked Sendable {
    let process: WorkerProcess
    let report: Confinement.Report
    private let timeLimit: Double
    private let mustStop: @Sendable () -> Bool
    private var schemas: SchemaCatalogue?
    private var trust: TrustStore?
    /// Judged so far.
    private(set) var files = 0
    /// One judgement asks of each certificate of a few short paths.
    static let questionLimit = 32

    /// It gives no verdict any more, or none that can be.
    struct Failure: Error, CustomStringConvertible {
        let sentence: String

        var description: String { sentence }
    }

    /// It cannot be asked at all: nothing of a stranger's had a part in that.
    struct Unready: Error, CustomStringConvertible {
        let description: String
    }

    /// Whoever asked it gave up, through no fault of what it had in hand.
    struct GivenUp: Error {}

    /// Starts a worker and has it confine itself.
    ///
    /// - Parameter mustStop: whether what it has in hand is to be given up now.
    init(program: String, settings: WorkerSettings, until mustStop: @escaping @Sendable () -> Bool) throws {
        process = try WorkerProcess(program: program)
        timeLimit = settings.time
        self.mustStop = mustStop
        do {
            let patience = Patience(process, limit: settings.time, until: mustStop)
            try process.socket.send(
                WireWriter.bytes(of: WorkerOrder.confine(Confinement(settings))),
                whileWaiting: patience.check)
            switch try Worker.word(from: process.socket, patience) {
            case .confined(let report): self.report = report
            case .deferred(let deferral): throw deferral
            default: throw Failure(sentence: "it said something else than was asked")
            }
        } catch {
            process.end()
            throw error
        }
    }

    func verify(_ order: VerifyOrder, _ payload: SentFile, _ signature: SentFile, by trust: TrustStore) throws
        -> WorkerWord
    {
        if self.trust !== trust {
            try tell(.trust(trust.material))
            self.trust = trust
        }
        return try carryOut(.verify(order), [payload.file, signature.file])
    }

    func check(_ order: CheckOrder, _ document: SentFile, by schemas: SchemaCatalogue) throws -> WorkerWord {
        if self.schemas !== schemas {
            try tell(.schemas(schemas.texts.mapValues { Data($0) }))
            self.schemas = schemas
        }
        return try carryOut(.check(order), [document.file])
    }

    /// Tells it what it is to judge by, and waits until it has that.
    ///
    /// - Throws: `Unready`, `GivenUp`.
    private func tell(_ order: WorkerOrder) throws {
        let patience = Patience(process, limit: timeLimit, until: mustStop)
        do {
            try give(order, within: patience)
            guard case .told = try Worker.word(from: process.socket, patience) else {
                throw Failure(sentence: "it said something else than was asked")
            }
        } catch let stop as GivenUp {
            throw stop
        } catch {
            throw Unready(description: "it does not take what it is to judge by: \(error)")
        }
    }

    private func carryOut(_ order: WorkerOrder, _ files: [ReadableFile]) throws -> WorkerWord {
        self.files += 1
        let patience = Patience(process, limit: timeLimit, until: mustStop)
        do {
            try give(order, files, within: patience)
        } catch let fault as FrameSocket.NotSent {
            throw Unready(description: "\(fault)")
        }
        return try Worker.verdict {
            try Worker.word(from: process.socket, patience)
        } answering: { question in
            try patience.check()
            try give(answer(to: question), within: patience)
        }
    }

    /// The first word that is no question; those before it are answered, up to `questionLimit` of them.
    static func verdict(
        from next: () throws -> WorkerWord, answering answer: (StatusQuestion) throws -> Void
    ) throws -> WorkerWord {
        var questions = 0
        while true {
            let word = try next()
            guard case .question(let question) = word else { return word }
            guard questions < questionLimit else { throw Failure(sentence: "it asks without end") }
            questions += 1
            try answer(question)
        }
    }

    private func answer(to question: StatusQuestion) throws -> WorkerOrder {
        guard let trust, trust.mayAsk(of: question.serial, by: question.authority) else {
            throw Failure(sentence: "it asks what it need not know")
        }
        do throws(Deferral) {
            return .status(
                try trust.status(
                    of: question.certificate, serial: question.serial, by: question.authority))
        } catch {
            return .noStatus(error)
        }
    }

    private func give(_ order: WorkerOrder, _ files: [ReadableFile] = [], within patience: Patience) throws {
        try process.socket.send(WireWriter.bytes(of: order), files: files, whileWaiting: patience.check)
    }

    private static func word(from socket: FrameSocket, _ patience: Patience) throws -> WorkerWord {
        guard let (message, _) = try socket.receive(whileWaiting: patience.check) else {
            throw Failure(sentence: "it has gone")
        }
        return try WireReader.value(in: message)
    }
}

/// How long a worker may take for one file.
private struct Patience {
    private let process: WorkerProcess
    private let limit: Double
    private let used: Double
    private let end: ContinuousClock.Instant
    private let mustStop: @Sendable () -> Bool
    /// Time by the clock for each second of processor time: the machine may be busy with others.
    private static let stretch = 10.0

    init(_ process: WorkerProcess, limit: Double, until mustStop: @escaping @Sendable () -> Bool) {
        self.process = process
        self.mustStop = mustStop
        self.limit = limit
        used = process.processorTime ?? 0
        end = .now + .seconds(limit * Patience.stretch)
    }

    func check() throws {
        if mustStop() { throw Worker.GivenUp() }
        if let time = process.processorTime, time - used > limit {
            throw Worker.Failure(sentence: "it took more than \(limit) s of processor time")
        }
        if .now > end { throw Worker.Failure(sentence: "it took more than \(limit * Patience.stretch) s") }
    }
}
