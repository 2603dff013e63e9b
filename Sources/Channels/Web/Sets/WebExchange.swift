internal import Exchange

internal import struct Foundation.TimeInterval

/// What the resources of sets, uploads and answers stand on.
struct WebExchange: Sendable {
    let intake: any SetIntake
    let homes: any Intake
    let reports: any SetReports
    let shelf: any AnswerShelf
    /// The code of the application that holds a purpose; nil for a purpose nobody knows.
    let applicationOf: @Sendable (Purpose) -> String?
    let threads: WebThreads
    let waiting: WaitingRoom
    let bounds: Bounds

    /// What the spool does, as the service tells its callers.
    struct Bounds: Sendable {
        /// Bytes one file may have.
        let fileSize: UInt64
        /// Seconds a set that is brought file by file is kept when nothing happens to it.
        let uploadRetention: TimeInterval
    }

    /// Refuses a new set while none is wanted of the sender.
    func requireWanted(_ sender: SenderNumber) throws(Problem) {
        let pause = intake.pause(of: sender)
        guard pause == 0 else {
            throw .tooMany(
                "Too many sets of this sender were refused one after another.",
                retryAfter: Int(pause.rounded(.up)))
        }
    }

    /// Refuses what is done to a set whose application the caller's token leaves out. A certificate stands for
    /// everything its sender has; what that is, and a purpose nobody knows, is for the decision to judge (154, 168).
    func require(_ right: WebScope.Right, of caller: WebCaller, for purpose: Purpose) throws(Problem) {
        guard caller.proof == .token, let application = applicationOf(purpose),
            !caller.applications(for: right).contains(application)
        else { return }
        throw .forbidden("The token was not given for \(WebScope(right, for: application)).")
    }

    /// The same for a sealed set. One whose name nobody can read is of no application.
    func require(_ right: WebScope.Right, of caller: WebCaller, for set: SealedSet) throws(Problem) {
        guard let part = try? PartName(set.name) else { return }
        try require(right, of: caller, for: part.set.purpose)
    }

    /// Refuses an answer to a set the caller's token does not let it consult. Reads the ledger.
    func requireConsulting(_ answer: ShelvedAnswer, by caller: WebCaller) throws {
        guard caller.proof == .token else { return }
        guard let report = try reports.report(on: answer.ticket, of: answer.sender) else {
            throw HomeFault.noSuchFile
        }
        try require(.consult, of: caller, for: report.set)
    }

    /// Whether a list has the answer for this caller. Reads the ledger.
    func shows(_ answer: ShelvedAnswer, to caller: WebCaller) throws -> Bool {
        do {
            try requireConsulting(answer, by: caller)
            return true
        } catch is Problem {
            return false
        } catch HomeFault.noSuchFile {
            return false
        }
    }
}
