internal import Synchronization

/// Values read at one revision of the registry; all are forgotten when the revision changes or the cache is
/// full.
final class RevisionCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Content {
        var revision: Int64 = 0
        var values: [Key: Value] = [:]
    }

    private let capacity: Int
    private let content = Mutex(Content())

    init(capacity: Int) {
        self.capacity = capacity
    }

    func value(for key: Key, at revision: Int64) -> Value? {
        content.withLock { $0.revision == revision ? $0.values[key] : nil }
    }

    func keep(_ value: Value, for key: Key, at revision: Int64) {
        content.withLock { content in
            if content.revision != revision || content.values.count >= capacity {
                content.revision = revision
                content.values.removeAll(keepingCapacity: true)
            }
            content.values[key] = value
        }
    }
}
