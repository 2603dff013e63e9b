/// Whether answers come fast enough not only to keep us busy: on the average at least 64 bytes a second.
struct SFTPPace {
    private static let leastRate = 64.0

    private let patience: Duration
    /// When the average was good last, and the bytes since.
    private var since: ContinuousClock.Instant
    private var bytes = 0

    init(patience: Duration, at now: ContinuousClock.Instant) {
        self.patience = patience
        since = now
    }

    /// When they are given up.
    var deadline: ContinuousClock.Instant { since + patience }

    mutating func note(_ count: Int, at now: ContinuousClock.Instant) {
        bytes += count
        guard Double(bytes) >= (now - since) / .seconds(1) * SFTPPace.leastRate else { return }
        since = now
        bytes = 0
    }
}
