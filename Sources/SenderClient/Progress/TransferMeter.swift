internal import Exchange
internal import Synchronization

/// Counts what a transfer has done, for whoever shows it. Any thread may call.
public final class TransferMeter: Sendable {
    /// What there is to show at one moment.
    public struct Reading: Sendable, Hashable {
        /// Bytes that are at the other side, as far as this side knows.
        public var done: UInt64
        /// Bytes there are to be.
        public var total: UInt64
        /// Bytes a second over the last seconds; nil when too little is known.
        public var rate: Double?

        public init(done: UInt64, total: UInt64, rate: Double?) {
            self.done = done
            self.total = total
            self.rate = rate
        }
    }

    private struct State {
        var total: UInt64
        var done: UInt64 = 0
        var positions: [FileName: UInt64] = [:]
        var rate = TransferRate()
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Double
    private let changed: @Sendable (Reading) -> Void

    /// - Parameters:
    ///   - total: bytes.
    ///   - now: seconds of a clock that never goes back.
    ///   - changed: told after every change, on the thread that made it.
    init(
        total: UInt64, now: @escaping @Sendable () -> Double, changed: @escaping @Sendable (Reading) -> Void
    ) {
        state = Mutex(State(total: total))
        self.now = now
        self.changed = changed
    }

    /// A file stands at this offset: more was done, or a cut took some back.
    func place(_ file: FileName, at offset: UInt64) {
        let time = now()
        let reading = state.withLock { state in
            let before = state.positions.updateValue(offset, forKey: file) ?? 0
            state.done = state.done - before + offset
            state.rate.note(state.done, at: time)
            return Reading(done: state.done, total: state.total, rate: state.rate.bytesPerSecond)
        }
        changed(reading)
    }
}

/// The speed of a transfer over the last seconds.
struct TransferRate {
    /// Seconds looked back.
    static let span = 5.0
    /// Seconds between two points kept.
    static let step = 0.1

    private var points: [(time: Double, done: UInt64)] = []

    mutating func note(_ done: UInt64, at time: Double) {
        if points.count > 1, let last = points.last, time - last.time < TransferRate.step {
            points[points.count - 1].done = done
        } else {
            points.append((time, done))
        }
        while points.count > 2, time - points[1].time > TransferRate.span { points.removeFirst() }
    }

    /// Nil before a step has passed, and when a cut has taken back more than was done.
    var bytesPerSecond: Double? {
        guard let first = points.first, let last = points.last, last.time - first.time >= TransferRate.step,
            last.done >= first.done
        else { return nil }
        return Double(last.done - first.done) / (last.time - first.time)
    }
}
