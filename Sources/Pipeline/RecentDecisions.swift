internal import Exchange
internal import Synchronization

/// The records of sets that were accepted a moment ago and are about to be delivered, so that they need not be read from
/// their JSON. What is not here any more is read.
final class RecentDecisions: Sendable {
    private static let most = 500

    private let records = Mutex<[Ticket: (json: String, record: DecisionRecord)]>([:])

    /// - Parameter json: what is stored of it.
    func keep(_ record: DecisionRecord, written json: String) {
        guard record.verdict == .accepted else { return }
        records.withLock { records in
            if records.count >= RecentDecisions.most { records.removeAll(keepingCapacity: true) }
            records[record.ticket] = (json, record)
        }
    }

    /// The record whose stored form is `json`, no longer kept.
    ///
    /// - Throws: when it cannot be read.
    func record(of ticket: Ticket, written json: String) throws -> DecisionRecord {
        let known = records.withLock { $0.removeValue(forKey: ticket) }
        if let known, known.json == json { return known.record }
        return try DecisionRecord(json: json)
    }
}
