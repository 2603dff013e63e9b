internal import Channels

/// How long a sender goes on after faults: with growing pauses, as long as something is achieved now and then. One
/// thread's.
final class Perseverance {
    private let patience: Double
    private let timing: Timing
    private let note: (String) -> Void
    private var backoff = Backoff()
    private var lastProgress: Double
    private var hasSucceeded = false

    /// - Parameters:
    ///   - patience: seconds without any progress after which it gives up.
    ///   - note: told in words before each further attempt.
    init(patience: Double, timing: Timing, note: @escaping (String) -> Void) {
        self.patience = patience
        self.timing = timing
        self.note = note
        lastProgress = timing.now()
    }

    /// A new undertaking begins with all its patience.
    func begin() {
        lastProgress = timing.now()
    }

    /// Something was achieved: patience begins anew.
    func noteProgress() {
        hasSucceeded = true
        lastProgress = timing.now()
        backoff.reset()
    }

    /// The other side answered, be it only to a log-in.
    func noteContact() {
        hasSucceeded = true
    }

    /// Waits for the time of another attempt.
    ///
    /// - Parameter least: seconds the other side asked for.
    /// - Throws: the fault itself, when another attempt cannot mend it, nothing was ever achieved, or patience is over.
    func wait(after fault: RemoteFault, at address: String, least: Double = 0) throws(RemoteFault) {
        guard hasSucceeded, fault.isMendable, timing.now() - lastProgress < patience else { throw fault }
        note("\(address): \(fault.clause); trying again")
        timing.pause(max(least, backoff.next()))
    }
}

extension RemoteFault {
    /// Another attempt may go better.
    var isMendable: Bool {
        switch kind {
        case .unreachable, .timedOut, .brokenOff, .garbled: true
        case .untrusted, .notAdmitted, .noSuchFile, .alreadyExists, .notAllowed, .tooMuch, .stopped: false
        }
    }
}
