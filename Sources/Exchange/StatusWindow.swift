public import Foundation

/// The time in which what a list or a responder says may be used.
public struct StatusWindow: Sendable, Hashable {
    /// So many seconds the clock of an authority may differ from ours.
    public static let skew: TimeInterval = 300

    public let thisUpdate: Date
    public let nextUpdate: Date?
    public let usableFrom: Date
    public let usableUntil: Date

    /// - Parameters:
    ///   - fetchedAt: when it was last learnt that nothing newer is to be had, by our clock.
    ///   - ageLimit: seconds after `fetchedAt`; and after `thisUpdate` for what does not say when its successor comes,
    ///     as otherwise an old one could be shown for ever. Nil for no limit, whatever `fetchedAt`.
    public init(thisUpdate: Date, nextUpdate: Date?, fetchedAt: Date, ageLimit: TimeInterval?) {
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        if let ageLimit {
            // Under a clock that was set back the limit would be longer.
            usableFrom = max(thisUpdate, fetchedAt) - StatusWindow.skew
            usableUntil = min(nextUpdate ?? thisUpdate + ageLimit, fetchedAt + ageLimit)
        } else {
            usableFrom = thisUpdate - StatusWindow.skew
            usableUntil = nextUpdate ?? .distantFuture
        }
    }

    /// Why it may not be used at `time`, in words that follow its name; nil when it may.
    public func fault(at time: Date) -> String? {
        if time < thisUpdate - StatusWindow.skew {
            return "begins at \(thisUpdate.ISO8601Format()) only"
        }
        if time < usableFrom { return "was learnt at a time that is still to come: a clock was set back" }
        if let nextUpdate, time > nextUpdate { return "ended at \(nextUpdate.ISO8601Format())" }
        if time > usableUntil { return "is too old since \(usableUntil.ISO8601Format())" }
        return nil
    }
}
