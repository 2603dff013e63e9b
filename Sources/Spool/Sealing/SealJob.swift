internal import Exchange
internal import Foundation

/// A set whose files were just moved to `held/<ticket>/`, on its way to becoming durable.
struct SealJob: Sendable {
    struct Part: Sendable {
        let name: FileName
        /// Bytes the digest covers.
        let size: UInt64
        /// Nil when it must be computed from the disk.
        let digest: Digest?
        let isSynced: Bool
        let isSuspect: Bool

        init(name: FileName, _ arrival: Arrival) {
            self.name = name
            size = arrival.size
            digest = arrival.digest
            isSynced = arrival.isSynced
            isSuspect = arrival.needsRewriting
        }
    }

    let source: any SealSource
    let ticket: Ticket
    let channel: ChannelKind
    let mailbox: Mailbox
    let receivedAt: Date
    let name: FileName
    let hasTrigger: Bool
    /// The GO that lies beside the parts; nil when no file stands for it.
    let trigger: FileName?
    /// Sorted by name.
    let parts: [Part]
    /// Kept with the set, in the same transaction.
    var mark: (HandoverMark, fingerprint: Digest)?
    /// Everyone who waits for the set to be durable.
    let completions: [Completion]

    func answer(_ result: Result<Void, HomeFault>) {
        for completion in completions { completion(result) }
    }

    /// Gives the files back before the callers are told, and both only when those received earlier have
    /// passed: the set may be sealed again at once.
    func fail(_ fault: HomeFault, isSuspect: Bool) {
        source.order.pass(ticket) {
            source.putBack(self, isSuspect: isSuspect)
            answer(.failure(fault))
        }
    }
}

/// Where the files of a set to be sealed came from: a home, or a consignment.
protocol SealSource: Sendable {
    var sender: SenderNumber { get }
    /// Sets of one sender are committed in the order in which they entered.
    var order: SealOrder { get }

    /// Makes it durable that the files are no longer where they came from, when recovery needs that.
    func syncNames(of job: SealJob) throws(SystemFault)

    /// Takes the files of a set that could not be made durable back.
    ///
    /// - Parameter isSuspect: a sync failed, so that the bytes may not be on the disk though they count as synced.
    func putBack(_ job: SealJob, isSuspect: Bool)
}

/// What the syncing threads do.
enum SyncTask: Sendable {
    case seal(SealJob)
    /// An early GO: it must be durable before it is answered.
    case early(Home, FileName, Mailbox)
    /// A set was cancelled by a TD: its files must be gone for good before that is answered.
    case cancelled(Home, Mailbox, Completion)
    /// A file, for its uploader.
    case file(OpenFile, @Sendable (SystemFault?) -> Void)
}
