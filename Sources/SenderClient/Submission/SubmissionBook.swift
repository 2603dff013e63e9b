internal import Synchronization

/// Where every set of a submission stands. Any thread may call.
final class SubmissionBook: Sendable {
    private struct State {
        var queue: [Int]
        var inHand = 0
        /// In hand, and the GO is on its way.
        var going: Set<Int> = []
        /// When the GO went, by the submission's clock.
        var sent: [Int: Double] = [:]
        var verdicts: [Int: SetVerdict] = [:]
    }

    let sets: [OutgoingSet]
    private let state: Mutex<State>
    private let settled: @Sendable (SetOutcome) -> Void

    /// - Parameter settled: told of each set once, on the thread that learnt it.
    init(_ sets: [OutgoingSet], settled: @escaping @Sendable (SetOutcome) -> Void) {
        self.sets = sets
        self.settled = settled
        state = Mutex(State(queue: Array(sets.indices.reversed())))
    }

    /// The next set to be brought; nil when there is none left. What is taken must be noted as sent, or settled.
    func next() -> Int? { next(files: 0, sharedBy: 1, ofFewerThan: 0).first }

    /// The next sets to be brought together: one, or several small ones, which leave as much to each other worker.
    ///
    /// - Parameters:
    ///   - most: files of several sets that all workers have on their way together: servers grant a sender so many.
    ///   - size: bytes of a set that travels with others.
    func next(files most: Int, sharedBy workers: Int, ofFewerThan size: UInt64) -> [Int] {
        state.withLock { state in
            let share = (state.queue.count + workers - 1) / workers
            var taken: [Int] = []
            var files = 0
            while let index = state.queue.last {
                files += sets[index].files.count
                let isFirst = taken.isEmpty
                guard isFirst || (taken.count < share && files <= most / workers && sets[index].size < size)
                else {
                    break
                }
                taken.append(index)
                state.queue.removeLast()
                guard sets[index].size < size else { break }
            }
            state.inHand += taken.count
            return taken
        }
    }

    /// Sets that nobody has begun.
    func takeAll() -> [Int] {
        state.withLock { state in
            defer { state.queue = [] }
            state.inHand += state.queue.count
            return state.queue.reversed()
        }
    }

    /// The GO is about to go: a receipt may come before it is known to have arrived.
    func noteGoing(_ index: Int) {
        state.withLock { _ = $0.going.insert(index) }
    }

    func isGoing(_ index: Int) -> Bool { state.withLock { $0.going.contains(index) } }

    func noteSent(_ index: Int, at time: Double) {
        state.withLock { state in
            state.going.remove(index)
            state.inHand -= 1
            state.sent[index] = time
        }
    }

    func settle(_ index: Int, _ verdict: SetVerdict) {
        let isNew = state.withLock { state in
            guard state.verdicts[index] == nil else { return false }
            state.verdicts[index] = verdict
            state.going.remove(index)
            if state.sent.removeValue(forKey: index) == nil { state.inHand -= 1 }
            return true
        }
        if isNew { settled(SetOutcome(set: sets[index], verdict: verdict)) }
    }

    /// Sent, and without a verdict: when each was sent.
    var awaiting: [Int: Double] { state.withLock { $0.sent } }

    /// Sets are still to be brought, or on their way.
    var isBringing: Bool { state.withLock { !$0.queue.isEmpty || $0.inHand > 0 } }

    /// In the order of the sets; what is not settled is left out.
    var outcomes: [SetOutcome] {
        state.withLock { state in
            sets.indices.compactMap { index in
                state.verdicts[index].map { SetOutcome(set: sets[index], verdict: $0) }
            }
        }
    }
}
