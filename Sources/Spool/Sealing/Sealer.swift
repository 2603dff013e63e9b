internal import Exchange
internal import Foundation
internal import GRDB
internal import Logging

/// Makes sets durable: syncs what was moved to `held/`, then has the row committed with those of other sets,
/// and only then answers. Runs on several threads, because each mostly waits for the disk.
final class Sealer: Sendable {
    private let held: Directory
    private let arriving: Directory
    private let committer: Committer
    private let undecided: LeaseQueue<UndecidedSet>
    private let tasks: BlockingQueue<SyncTask>

    init(
        disk: SpoolDisk, committer: Committer, undecided: LeaseQueue<UndecidedSet>,
        tasks: BlockingQueue<SyncTask>
    ) {
        held = disk.held
        arriving = disk.arriving
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
            try arriving.sync(job.home.files.path(job.mailbox))
            let set = SealedSet(
                ticket: job.ticket, sender: job.home.sender, channel: job.channel, mailbox: job.mailbox,
                receivedAt: job.receivedAt, name: job.name, hasTrigger: job.hasTrigger, parts: parts)
            job.home.order.pass(job.ticket) { [self] in commit(set, job) }
        } catch {
            job.home.putBack(job, isSuspect: true)
            job.home.order.pass(job.ticket)
            job.answer(.failure(error.homeFault))
        }
    }

    /// Syncs one part and tells its digest.
    private func secure(_ part: SealJob.Part, of ticket: Ticket) throws(SystemFault) -> SealedSet.Part {
        let path = HeldSets(held: held).path(part.name, ticket)
        var file = try held.open(path)
        if part.isSuspect {
            file = try rewrite(file, at: path, ticket)
        } else if !part.isSynced {
            try file.sync()
        }
        if let digest = part.digest, try file.status().size == part.size {
            return SealedSet.Part(name: part.name, size: Int64(clamping: part.size), digest: digest)
        }
        let found = try file.digest()
        return SealedSet.Part(name: part.name, size: found.size, digest: found.digest)
    }

    /// After a failed sync the kernel may hold pages for clean that never reached the disk. A copy is dirty
    /// again.
    private func rewrite(_ file: OpenFile, at path: String, _ ticket: Ticket) throws(SystemFault) -> OpenFile
    {
        let temporary = "\(ticket)/\(HeldSets.copyName)"
        try held.remove(temporary)
        let copy = try held.create(temporary)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        var size: UInt64 = 0
        while true {
            let count = try file.read(into: buffer, at: size)
            if count == 0 { break }
            try copy.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: size)
            size += UInt64(count)
        }
        try copy.sync()
        try held.replace(path, with: temporary)
        return copy
    }

    private func commit(_ set: SealedSet, _ job: SealJob) {
        let isFree = Fact()
        committer.submit(
            Committer.Work(
                isSealing: true,
                apply: { db in isFree.value = try SetWriting(db: db, now: set.receivedAt).insert(set) },
                settle: { [undecided] fault in
                    if let fault {
                        job.home.putBack(job, isSuspect: fault.code == .disk)
                        job.answer(.failure(.failed(fault.sentence)))
                        return
                    }
                    if isFree.value { undecided.add(set.ticket, UndecidedSet(set: set, attempt: 0)) }
                    job.answer(.success(()))
                }))
    }
}

/// Carries a fact out of a transaction. Sendable because the committing thread alone touches it.
private final class Fact: @unchecked Sendable {
    var value = false
}
