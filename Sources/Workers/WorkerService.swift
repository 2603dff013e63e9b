internal import Exchange
internal import Foundation
internal import Validation

/// The worker's side: judges what the daemon at standard input orders, until the daemon has gone.
///
/// It knows nothing but what it was told in this conversation, and opens nothing: files come open.
public final class WorkerService {
    private let socket = FrameSocket(owning: STDIN_FILENO, limit: FrameSocket.orderLimit)
    private var schemas: SchemaCatalogue?
    private var trust: TrustStore?

    /// Serves, then ends the process: with 0 when the daemon has gone, with 1 when anything was not as it should be.
    public static func run() -> Never {
        let service = WorkerService()
        do {
            while let (message, files) = try service.socket.receive(files: 2) {
                try service.obey(WireReader.value(in: message), files)
            }
            exit(0)
        } catch {
            exit(1)
        }
    }

    private func obey(_ order: WorkerOrder, _ files: [ReadableFile]) throws {
        switch (order, files.count) {
        case (.confine(let confinement), 0): try confine(confinement)
        case (.schemas(let texts), 0):
            // The old ones first: memory for both may not be there.
            schemas = nil
            schemas = try .make(of: texts.mapValues { Array($0) })
            try say(.told)
        case (.trust(let material), 0):
            trust = nil
            trust = try TrustStore(material, statuses: AskedStatuses(socket: socket))
            try say(.told)
        case (.verify(let order), 2): try say(verify(order, files[0], files[1]))
        case (.check(let order), 1): try say(check(order, files[0]))
        default: throw FrameSocket.Ended(sentence: "an order came out of turn")
        }
    }

    private func confine(_ confinement: Confinement) throws {
        Libraries.prepare()
        do {
            try say(.confined(confinement.apply()))
        } catch let deferral as Deferral {
            try say(.deferred(deferral))
        }
    }

    private func verify(_ order: VerifyOrder, _ payload: ReadableFile, _ signature: ReadableFile) throws
        -> WorkerWord
    {
        guard let trust else { throw FrameSocket.Ended(sentence: "an order came before its ground") }
        return WorkerService.word { () throws(StageFailure) in
            .verified(
                try SignatureVerifier(policy: order.policy, trust: trust).verify(
                    SentFile(order.payload, payload), with: SentFile(order.signature, signature),
                    registered: order.registered.map { Array($0) }, at: order.time))
        }
    }

    private func check(_ order: CheckOrder, _ document: ReadableFile) throws -> WorkerWord {
        guard let schemas else { throw FrameSocket.Ended(sentence: "an order came before its ground") }
        return WorkerService.word { () throws(StageFailure) in
            .checked(
                try DocumentCheck(catalogue: schemas, limits: order.limits)
                    .check(SentFile(order.document, document), rule: order.rule))
        }
    }

    private static func word(_ judge: () throws(StageFailure) -> WorkerWord) -> WorkerWord {
        do {
            return try judge()
        } catch {
            switch error {
            case .refused(let findings): return .refused(findings)
            case .deferred(let deferral): return .deferred(deferral)
            }
        }
    }

    private func say(_ word: WorkerWord) throws {
        try socket.send(WireWriter.bytes(of: word))
    }
}

/// What responders said, asked of the daemon in the middle of an order.
private struct AskedStatuses: StatusDirectory {
    let socket: FrameSocket

    func status(
        of certificate: Digest, serial: String, by authority: Digest
    ) throws(Deferral) -> CertificateStatus? {
        let question = StatusQuestion(certificate: certificate, serial: serial, authority: authority)
        guard (try? socket.send(WireWriter.bytes(of: WorkerWord.question(question)))) != nil,
            let (answer, _) = try? socket.receive(),
            let order = try? WireReader.value(WorkerOrder.self, in: answer)
        else { throw Deferral(.workerFailed, "The daemon did not answer.") }
        switch order {
        case .status(let status): return status
        case .noStatus(let deferral): throw deferral
        default: throw Deferral(.workerFailed, "The daemon answered something else.")
        }
    }
}
