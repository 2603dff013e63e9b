internal import Exchange

/// Whether a destination is worth an attempt. Pure: time and chance are handed in.
///
/// Closed, it lets every delivery pass. When as many different sets in a row as `threshold` were deferred it opens, and
/// lets none pass for a pause. Then it lets one try: when that is taken it closes; when not, it opens for twice the
/// pause. Different sets, because one that the back-end cannot stomach must not hold up the others.
struct CircuitBreaker {
    struct Policy: Sendable {
        var threshold: Int
        var shortest: Duration
        var longest: Duration
    }

    enum State: Equatable {
        case closed
        case open(until: ContinuousClock.Instant)
        case trying
    }

    enum Admission: Equatable {
        case pass
        /// The one delivery that decides what follows.
        case trial
        /// For as long as this.
        case refused(Duration)
    }

    private(set) var state = State.closed
    private let policy: Policy
    private var deferred: Set<Ticket> = []
    private var pause: Duration

    init(_ policy: Policy) {
        self.policy = policy
        pause = policy.shortest
    }

    mutating func admit(at now: ContinuousClock.Instant) -> Admission {
        switch state {
        case .closed: return .pass
        case .trying: return .refused(policy.shortest)
        case .open(let until):
            guard now >= until else { return .refused(until - now) }
            state = .trying
            return .trial
        }
    }

    /// Whoever was let pass before it opened has shown that the destination lives.
    mutating func taken() {
        state = .closed
        deferred = []
        pause = policy.shortest
    }

    /// - Parameter chance: from 0 to 1; lengthens the pause by up to a quarter, so that several daemons do not come back
    ///   together.
    mutating func deferred(
        _ ticket: Ticket, as admission: Admission, at now: ContinuousClock.Instant, chance: Double
    ) {
        if state == .closed {
            deferred.insert(ticket)
            guard deferred.count >= policy.threshold else { return }
            deferred = []
            open(at: now, chance)
        } else if admission == .trial {
            pause = min(pause * 2, policy.longest)
            open(at: now, chance)
        }
    }

    /// The delivery ended for a reason of ours and says nothing of the destination.
    mutating func undecided(as admission: Admission, at now: ContinuousClock.Instant) {
        if admission == .trial, state == .trying { state = .open(until: now) }
    }

    private mutating func open(at now: ContinuousClock.Instant, _ chance: Double) {
        state = .open(until: now + pause * (1 + chance / 4))
    }
}
