internal import Exchange
internal import Foundation
internal import Logging
internal import Synchronization

/// Puts issued answers into the outgoing directories, in the background, until the ledger says they are
/// published. Senders take turns; a failure is tried again with growing pauses.
final class Publisher: Sendable {
    private struct Job: Sendable {
        let answer: Int64
        let sender: SenderNumber
        /// As it was issued just now; nil when it is to be read from the ledger.
        var issued: IssuedAnswer?
        var attempt = 0
    }

    private static let longestPause: TimeInterval = 60
    /// Answers kept in memory until they are published; further ones are read again.
    private static let mostKept = 1000

    private let ledger: Ledger
    private let files: OutgoingFiles
    private let committer: Committer
    private let clock: @Sendable () -> Date
    private let notePublished: @Sendable (Ticket) -> Void
    private let logger: Logger
    private let jobs = TurnQueue<Job>()
    private let later = Mutex<[(due: TimeInterval, job: Job)]>([])
    private let ticker = Ticker()

    /// - Parameter notePublished: called with the ticket of a set when its answer was published, on a thread that
    ///   must not be blocked.
    init(
        ledger: Ledger, files: OutgoingFiles, committer: Committer, clock: @escaping @Sendable () -> Date,
        logger: Logger, notePublished: @escaping @Sendable (Ticket) -> Void
    ) {
        self.ledger = ledger
        self.files = files
        self.committer = committer
        self.clock = clock
        self.logger = logger
        self.notePublished = notePublished
    }

    /// Has an issued answer published. Dropped when closing: it is still issued at the next opening.
    func publish(_ answer: AnswerToPublish) {
        push(Job(answer: answer.id, sender: answer.sender))
    }

    /// The same of one that was issued just now.
    func publish(_ answer: IssuedAnswer) {
        let kept = jobs.count < Publisher.mostKept ? answer : nil
        push(Job(answer: answer.id, sender: answer.sender, issued: kept))
    }

    private func push(_ job: Job) {
        _ = jobs.push(job, of: job.sender)
    }

    /// A thread's body.
    func run() {
        while let job = jobs.pop() { publish(job) }
    }

    /// The body of the thread that brings failed answers back.
    func runRetries() {
        while ticker.wait(later.withLock { $0.isEmpty } ? nil : 0.25) {
            let now = SteadyTime.now
            let due = later.withLock { later in
                let due = later.filter { $0.due <= now }
                later.removeAll { $0.due <= now }
                return due.map(\.job)
            }
            for job in due { push(job) }
        }
    }

    func close() {
        ticker.stop()
        jobs.close(discarding: true)
    }

    private func publish(_ job: Job) {
        do throws(SpoolFault) {
            guard let answer = try answer(of: job) else { return }
            // Issued twice and published once: whoever waits for the second time has it as well.
            if answer.state == .published || answer.state == .taken { notePublished(answer.ticket) }
            guard answer.state == .issued else { return }
            do {
                try files.publish(answer, isRetry: job.attempt > 0)
            } catch {
                throw error.spoolFault
            }
            note(job, of: answer.ticket)
        } catch {
            retry(job, error)
        }
    }

    private func answer(of job: Job) throws(SpoolFault) -> IssuedAnswer? {
        if let issued = job.issued { return issued }
        return try ledger.read { try IssuedAnswer(job.answer, from: $0) }
    }

    private func note(_ job: Job, of ticket: Ticket) {
        let now = clock()
        committer.submit(
            Committer.Work(
                isPatient: true,
                apply: { try AnswerWriting(db: $0, now: now).notePublished(job.answer) },
                settle: { [self] fault in
                    if let fault {
                        if fault.code != .closed { retry(job, fault) }
                    } else {
                        notePublished(ticket)
                    }
                }))
    }

    private func retry(_ job: Job, _ fault: SpoolFault) {
        if job.attempt == 0 {
            logger.error(
                "answer not published yet", metadata: ["answer": "\(job.answer)", "fault": "\(fault)"])
        }
        let pause = min(Publisher.longestPause, pow(2, Double(min(job.attempt, 10))))
        let next = Job(answer: job.answer, sender: job.sender, attempt: job.attempt + 1)
        later.withLock { $0.append((SteadyTime.now + pause, next)) }
        ticker.nudge()
    }
}
