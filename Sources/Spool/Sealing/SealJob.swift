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
    }

    let home: Home
    let ticket: Ticket
    let channel: ChannelKind
    let mailbox: Mailbox
    let receivedAt: Date
    let name: FileName
    let hasTrigger: Bool
    /// The GO that lies beside the parts.
    let trigger: FileName?
    /// Sorted by name.
    let parts: [Part]
    /// Everyone who waits for the set to be durable.
    let completions: [Completion]

    var origin: HeldSets.Origin {
        HeldSets.Origin(sender: home.sender, channel: channel, mailbox: mailbox)
    }

    func answer(_ result: Result<Void, HomeFault>) {
        for completion in completions { completion(result) }
    }
}

/// What the syncing threads do.
enum SyncTask: Sendable {
    case seal(SealJob)
    /// An early GO: it must be durable before it is answered.
    case early(Home, FileName, Mailbox)
    /// A file, for its uploader.
    case file(OpenFile, @Sendable (SystemFault?) -> Void)
}
