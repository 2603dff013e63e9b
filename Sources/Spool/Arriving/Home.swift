internal import Exchange
internal import Foundation
internal import Synchronization

/// The home of one sender: what arrives in the incoming directories, kept in memory under one lock and built
/// from the disk when first used.
///
/// File operations under the lock are renames, creations and removals, never a sync and never the ledger.
/// What a change brings about (a set to seal, callers to answer) is done after the lock is let go.
final class Home: Sendable {
    struct State: Sendable {
        var isLoaded = false
        var mailboxes: [Mailbox: Arrivals] = [:]
        var notedOccupied = false
        var notedWaiting = false
    }

    let sender: SenderNumber
    let ground: HomeGround
    let files: ArrivingFiles
    let order = SealOrder()
    let allowance: SenderAllowance
    private let state = Mutex(State())

    init(of sender: SenderNumber, on ground: HomeGround) {
        self.sender = sender
        self.ground = ground
        files = ArrivingFiles(arriving: ground.disk.arriving, sender: sender)
        allowance = SenderAllowance(limits: ground.limits)
    }

    /// Runs `body` on one incoming directory, under the lock.
    func inside<Value: Sendable>(
        _ mailbox: Mailbox, _ body: (inout Arrivals) throws(HomeFault) -> Value
    ) throws(HomeFault) -> Value {
        guard mailbox.takesUploads else { throw .notAllowed }
        return try state.withLock { state throws(HomeFault) in
            if ground.isClosed { throw .failed("the spool is closed") }
            if !state.isLoaded { try load(&state) }
            var arrivals = state.mailboxes.removeValue(forKey: mailbox) ?? Arrivals()
            let bytes = arrivals.bytes
            defer {
                allowance.note(from: bytes, to: arrivals.bytes)
                state.mailboxes[mailbox] = arrivals
                noteOccupation(&state)
            }
            return try body(&arrivals)
        }
    }

    private func load(_ state: inout State) throws(HomeFault) {
        do {
            try files.prepare()
            for mailbox in Mailbox.allCases where mailbox.takesUploads {
                let arrivals = try scan(mailbox)
                allowance.note(from: state.mailboxes[mailbox]?.bytes ?? 0, to: arrivals.bytes)
                state.mailboxes[mailbox] = arrivals
            }
        } catch {
            throw error.homeFault
        }
        state.isLoaded = true
    }

    /// A file found on the disk does not count as closed: whether its upload was ended is not known any more.
    private func scan(_ mailbox: Mailbox) throws(SystemFault) -> Arrivals {
        var arrivals = Arrivals()
        let now = ground.steady()
        for (name, channel, status) in try files.scan(mailbox) {
            let arrival = Arrival(
                name: ArrivalName(name), serial: ground.serial(), channel: channel, size: status.size,
                lastActivity: min(status.modifiedAt, now), isClosed: false, wasFound: true)
            arrivals.insert(arrival, named: name)
        }
        return arrivals
    }

    private func noteOccupation(_ state: inout State) {
        let isOccupied = state.mailboxes.values.contains { !$0.files.isEmpty }
        let isWaiting = state.mailboxes.values.contains { !$0.early.isEmpty }
        guard isOccupied != state.notedOccupied || isWaiting != state.notedWaiting else { return }
        state.notedOccupied = isOccupied
        state.notedWaiting = isWaiting
        ground.watch.note(self, isOccupied: isOccupied, hasEarlyTriggers: isWaiting)
    }

    /// What a change under the lock brings about.
    struct Consequences: Sendable {
        var jobs: [SealJob] = []
        /// A GO that must be made durable before it is answered.
        var early: FileName?
        /// Whoever sent a TD: the removal of the files must be durable before it is answered.
        var cancelled: Completion?
        /// By how much more, or less, the sender owes (`RefusalPace`).
        var owed = 0
        var answers: [(completion: Completion, result: Result<Void, HomeFault>)] = []

        mutating func answer(_ completion: Completion?, _ result: Result<Void, HomeFault> = .success(())) {
            if let completion { answers.append((completion, result)) }
        }
    }

    /// Does what a change brings about. Not under the lock.
    func follow(_ consequences: Consequences, in mailbox: Mailbox) {
        for job in consequences.jobs { ground.seal(job) }
        if let name = consequences.early, !ground.syncing.push(.early(self, name, mailbox), of: sender) {
            answerEarly(name, in: mailbox, .failure(.failed("the spool is closing")))
        }
        if let completion = consequences.cancelled,
            !ground.syncing.push(.cancelled(self, mailbox, completion), of: sender)
        {
            completion(.failure(.failed("the spool is closing")))
        }
        if consequences.owed > 0 { ground.charge(sender) }
        for _ in 0..<max(0, -consequences.owed) { ground.forgive(sender) }
        for (completion, result) in consequences.answers { completion(result) }
    }
}
