internal import Foundation
internal import Synchronization

/// Token buckets: requests each second on average, some more at once. Pure but for its lock: the time is given, in
/// seconds of a clock that does not jump.
final class RequestRate<Key: Hashable & Sendable>: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: TimeInterval
    }

    /// Keys remembered at the most. Past it those whose buckets are full again are forgotten; if none is, the one
    /// unused longest.
    static var most: Int { 10_000 }

    private let perSecond: Double
    private let burst: Double
    private let buckets = Mutex<[Key: Bucket]>([:])

    init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// Takes a request's share; nil when there was one, else the seconds until there will be.
    func take(for key: Key, at now: TimeInterval) -> TimeInterval? {
        buckets.withLock { buckets in
            if buckets[key] == nil, buckets.count >= Self.most { makeRoom(in: &buckets, at: now) }
            var bucket = buckets[key] ?? Bucket(tokens: burst, at: now)
            bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * perSecond)
            bucket.at = now
            defer { buckets[key] = bucket }
            guard bucket.tokens < 1 else {
                bucket.tokens -= 1
                return nil
            }
            return (1 - bucket.tokens) / perSecond
        }
    }

    private func makeRoom(in buckets: inout [Key: Bucket], at now: TimeInterval) {
        buckets = buckets.filter { $0.value.tokens + (now - $0.value.at) * perSecond < burst }
        guard buckets.count >= Self.most, let oldest = buckets.min(by: { $0.value.at < $1.value.at }) else {
            return
        }
        buckets[oldest.key] = nil
    }
}
