internal import Exchange
internal import Foundation
public import Logging
public import Registry
public import Spool
internal import Synchronization
public import Validation

/// The only place where the stages meet: takes sealed sets from the spool, decides, has the receipt issued, and delivers.
///
/// Both loops block their thread; run each on as many threads of its own as wanted. They end when the spool hands out
/// nothing more. A refusal is final and told to the sender; a deferral keeps the set waiting and is tried again with
/// growing pauses; an unknown error is a deferral.
public final class Pipeline: Sendable {
    private let spool: Spool
    private let signer: DocumentSigner
    private let trust: TrustSource
    private let registry: Registry
    private let examiner: any Examiner
    private let ground: Mutex<(DecisionGround, Destinations)>
    private let pauses: RetryPauses
    private let recent = RecentDecisions()
    private let logger: Logger

    /// Sets of one sender delivered in one go when they wait.
    private static let mostTogether = 16
    /// Their bytes; none waits for the copying of many others.
    private static let mostBytesTogether: Int64 = 64_000_000

    /// - Parameters:
    ///   - examiner: judges signatures and documents.
    ///   - refresher: is asked for revocation statuses that are missing; without one, sets that want one wait.
    public init(
        spool: Spool, registry: Registry, ground: DecisionGround, destinations: Destinations,
        signer: DocumentSigner, examiner: any Examiner, refresher: StatusRefresher? = nil,
        pauses: RetryPauses = RetryPauses(), logger: Logger
    ) {
        self.spool = spool
        self.registry = registry
        self.signer = signer
        self.examiner = examiner
        self.ground = Mutex((ground, destinations))
        self.pauses = pauses
        self.logger = logger
        trust = TrustSource(registry: registry, refresher: refresher)
    }

    /// Decisions begun from now on stand on this ground.
    public func reload(_ ground: DecisionGround, _ destinations: Destinations) {
        self.ground.withLock { $0 = (ground, destinations) }
    }

    /// Decides sets until the spool hands out no more.
    public func decideUntilClosed() {
        while let undecided = spool.nextUndecided() {
            do {
                try decide(undecided.set)
            } catch {
                if Pipeline.isSettled(error) { continue }
                let deferral = Pipeline.deferral(error)
                // What failed two workers would go on to fail workers that others need.
                let isFatal = deferral.reason == .workerFailed && undecided.workersFailed > 0
                postpone(
                    undecided.set.ticket, attempt: undecided.attempt, as: deferral, orHold: isFatal)
            }
        }
    }

    /// Delivers accepted sets until the spool hands out no more.
    public func deliverUntilClosed() {
        while let sets = spool.nextUndelivered(atMost: Pipeline.mostTogether) {
            deliver(Pipeline.together(sets))
        }
    }

    private func decide(_ set: SealedSet) throws {
        let (ground, destinations) = ground.withLock { $0 }
        let decision = Decision(
            ground: ground, trust: try trust.current(), examiner: examiner,
            inputs: LiveInputs(spool: spool, registry: registry), time: Date())
        let record = try decision.decide(set)
        let receipt = try record.verdict == .repeated ? nil : receipt(for: record)
        let json = try record.json()
        recent.keep(record, written: json)
        try spool.record(
            RecordedDecision(
                outcome: Pipeline.outcome(of: record, destinations), codes: record.codes, decisionJSON: json,
                receipt: receipt),
            for: set)
        logger.notice(
            "decided",
            metadata: [
                "ticket": "\(set.ticket)", "set": "\(set.name)", "sender": "\(set.sender)",
                "verdict": "\(record.verdict.rawValue)",
                "codes": "\(record.codes.map(\.errorID).joined(separator: " "))",
            ])
    }

    private func receipt(for record: DecisionRecord) throws -> RecordedDecision.Receipt {
        let document = ReceiptDocument(record: record).bytes
        do {
            return RecordedDecision.Receipt(
                purpose: "ACRF", document: document,
                signature: try signer.sign(document, at: record.decidedAt),
                mailbox: record.mailbox.answers, channel: record.channel)
        } catch {
            throw Deferral(.signingUnavailable, "The receipt could not be signed: \(error)")
        }
    }

    private static func outcome(of record: DecisionRecord, _ destinations: Destinations)
        -> RecordedDecision.Outcome
    {
        if let first = record.repeats { return .repeated(of: first) }
        guard record.verdict == .accepted, let application = record.application,
            let environment = record.environment
        else { return .refused }
        return .accepted(destination: destinations.name(for: application, in: environment))
    }

    /// Sets of one sender for one destination. The first that fails is put off before the others are noted, because its
    /// turn comes with that.
    private func deliver(_ sets: ArraySlice<UndeliveredSet>) {
        let destinations = ground.withLock { $0.1 }
        guard let first = sets.first else { return }
        guard let destination = destinations.destination(named: first.destination) else {
            return postpone(
                first,
                as: Deferral(
                    .destinationUnavailable, "No destination is configured for \(first.destination)."))
        }
        var deliveries: [Delivery] = []
        var deferral: Deferral?
        do {
            for undelivered in sets { deliveries.append(try delivery(of: undelivered)) }
        } catch {
            deferral = Pipeline.deferral(error)
        }
        let delivered = deliveries.isEmpty ? Delivered(count: 0) : destination.deliver(deliveries)
        if delivered.count < sets.count {
            postpone(
                sets[delivered.count],
                as: delivered.deferral ?? deferral ?? Deferral(.unknown, "The destination gave no reason."))
        }
        note(sets.prefix(delivered.count), at: destination)
    }

    /// The first, and those after it that are not too large together with it. The others come with the next turn.
    private static func together(_ sets: [UndeliveredSet]) -> ArraySlice<UndeliveredSet> {
        var bytes: Int64 = 0
        let isTooMuch = sets.map { undelivered in
            bytes += undelivered.set.parts.reduce(0) { $0 + $1.size }
            return bytes > mostBytesTogether
        }
        return sets.prefix(max(1, isTooMuch.firstIndex(of: true) ?? sets.count))
    }

    private func note(_ sets: ArraySlice<UndeliveredSet>, at destination: any Destination) {
        guard !sets.isEmpty else { return }
        do {
            try spool.recordDelivered(sets.map(\.set.ticket))
        } catch {
            // Each alone, unless it was: one that cannot be noted must not keep back the others.
            guard sets.count > 1 else { return postpone(sets[sets.startIndex], as: Pipeline.deferral(error)) }
            // The first last: the others are leased as long as it is.
            for set in sets.reversed() { note([set], at: destination) }
            return
        }
        for set in sets {
            logger.notice(
                "delivered", metadata: ["ticket": "\(set.set.ticket)", "destination": "\(set.destination)"])
        }
        destination.confirm(sets.map(\.set.ticket))
    }

    private func delivery(of undelivered: UndeliveredSet) throws -> Delivery {
        let set = undelivered.set
        let record = try recent.record(of: set.ticket, written: undelivered.decisionJSON)
        let declarations = set.parts.filter { part in record.documents.contains { $0.digest == part.digest } }
        return Delivery(
            ticket: set.ticket,
            files: declarations.map { .init(name: $0.name, path: spool.path(of: $0, in: set.ticket)) },
            manifest: try Array(JSONEncoder.stable.encode(Manifest(record, of: set))))
    }

    private func postpone(_ undelivered: UndeliveredSet, as deferral: Deferral) {
        postpone(undelivered.set.ticket, attempt: undelivered.attempt, as: deferral)
    }

    private func postpone(
        _ ticket: Ticket, attempt: Int, as deferral: Deferral, orHold isFatal: Bool = false
    ) {
        let isHeld = isFatal || deferral.reason == .bytesChanged
        logger.warning(
            isHeld ? "put on hold" : "deferred",
            metadata: [
                "ticket": "\(ticket)", "reason": "\(deferral.reason.rawValue)",
                "sentence": "\(deferral.sentence)",
                "attempt": "\(attempt)",
            ])
        do {
            if isHeld {
                try spool.hold(ticket, deferral)
            } else {
                let pause = deferral.pause.map { $0 / .seconds(1) } ?? pauses.pause(after: attempt)
                try spool.postpone(ticket, deferral, until: Date() + pause)
            }
        } catch {
            logger.error("deferral not noted", metadata: ["ticket": "\(ticket)", "error": "\(error)"])
        }
    }

    /// Whether the set was decided, or put on hold, before: it was handed out once too often.
    private static func isSettled(_ error: any Error) -> Bool {
        (error as? SpoolFault)?.code == .wrongState
    }

    private static func deferral(_ error: any Error) -> Deferral {
        switch error {
        case let deferral as Deferral: deferral
        case let fault as SpoolFault: Deferral(.ledgerUnavailable, fault.sentence)
        case let fault as RegistryFault: Deferral(.registryUnavailable, fault.sentence)
        default: Deferral(.unknown, "\(error)")
        }
    }
}
