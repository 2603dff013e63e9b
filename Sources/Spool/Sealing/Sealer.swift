internal import Exchange
internal import Foundation
internal import GRDB
internal import Logging

/// Makes sets durable: syncs what was moved to `held/`, then has the row committed with those of other sets,
/// and only then answers. Senders take turns. Runs on several threads, because each mostly waits for the disk.
final class Sealer: Sendable {
    private let held: Directory
    private let committer: Committer
    private let undecided: LeaseQueue<UndecidedSet>
    private let tasks: TurnQueue<SyncTask>

    init(
        disk: SpoolDisk, committer: Committer, undecided: LeaseQueue<UndecidedSet>,
        tasks: TurnQueue<SyncTask>
    ) {
        held = disk.held
        self.committer = committer
        self.undecided = undecided
        self.tasks = tasks
    }

    /// A thread's body; returns when the queue is closed and done.
    func run() {
        while let task = tasks.pop() {
            switch task {
            case .seal(let job): seal(job)
            case .early(let home, let name, let mailbox): home.syncEarly(name, in: mailbox)
            case .cancelled(let home, let mailbox, let completion): home.syncCancelled(mailbox, completion)
            case .file(let file, let completion): Sealer.sync(file, completion)
            }
        }
    }

    private static func sync(_ file: OpenFile, _ completion: @Sendable (SystemFault?) -> Void) {
        do {
            try file.sync()
            completion(nil)
        } catch {
            completion(error)
        }
    }

    private func seal(_ job: SealJob) {
        do {
            var parts: [SealedSet.Part] = []
            for part in job.parts { parts.append(try secure(part, of: job.ticket)) }
            try held.sync(job.ticket.description)
            try job.source.syncNames(of: job)
            let set = SealedSet(
                ticket: job.ticket, sender: job.source.sender, channel: job.channel, mailbox: job.mailbox,
                receivedAt: job.receivedAt, name: job.name, hasTrigger: job.hasTrigger, parts: parts)
            job.source.order.pass(job.ticket) { [self] in commit(set, job) }
        } catch {
            job.fail(error.homeFault, isSuspect: true)
        }
    }

    /// Syncs one part and tells its digest.
    private func secure(_ part: SealJob.Part, of ticket: Ticket) throws(SystemFault) -> SealedSet.Part {
        let path = HeldSets(held: held).path(part.name, ticket)
        var file = try held.open(path)
        if part.isSuspect {
            file = try HeldSets(held: held).rewrite(part.name, of: ticket)
        } else if !part.isSynced {
            try file.sync()
        }
        if let digest = part.digest, try file.status().size == part.size {
            return SealedSet.Part(name: part.name, size: Int64(clamping: part.size), digest: digest)
        }
        let found = try file.digest()
        return SealedSet.Part(name: part.name, size: found.size, digest: found.digest)
    }

    private func commit(_ set: SealedSet, _ job: SealJob) {
        let outcome = Outcome()
        committer.submit(
            Committer.Work(
                isSealing: true,
                apply: { db in outcome.value = try Sealer.insert(set, under: job.mark, into: db) },
                settle: { [undecided] fault in
                    switch (fault, outcome.value) {
                    case (let fault?, _):
                        // When it is not known whether the row exists, the files stay where it would have them.
                        if fault.code != .closed { job.source.putBack(job, isSuspect: fault.code == .disk) }
                        job.answer(.failure(.failed(fault.sentence)))
                    case (nil, .alreadyHandedOver):
                        job.source.putBack(job, isSuspect: false)
                        job.answer(.failure(.alreadyExists))
                    case (nil, .mayBeDecided):
                        undecided.add(.init(UndecidedSet(set: set, attempt: 0, workersFailed: 0)))
                        job.answer(.success(()))
                    case (nil, .mustWait):
                        job.answer(.success(()))
                    }
                }))
    }

    private static func insert(
        _ set: SealedSet, under mark: (HandoverMark, fingerprint: Digest)?, into db: Database
    ) throws -> Outcome.Value {
        let handovers = HandoverWriting(db: db)
        // Asked before, so that the sets committed together with this one need no second transaction.
        if let (mark, _) = mark, try handovers.handover(mark) != nil { return .alreadyHandedOver }
        let isFree = try SetWriting(db: db, now: set.receivedAt).insert(set)
        if let mark { try handovers.keep(mark.0, mark.fingerprint, of: set) }
        return isFree ? .mayBeDecided : .mustWait
    }
}

/// Carries what became of a set out of a transaction that may be tried twice.
///
/// `@unchecked Sendable`: the committing thread alone touches it.
private final class Outcome: @unchecked Sendable {
    enum Value {
        case mayBeDecided
        /// Behind an earlier set of the same name.
        case mustWait
        /// Another set is kept under its mark; nothing was written.
        case alreadyHandedOver
    }

    var value = Value.mustWait
}
