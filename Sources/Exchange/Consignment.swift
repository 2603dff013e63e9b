public import struct Foundation.Date
public import typealias Foundation.TimeInterval

/// Takes sets that are handed over whole, apart from their sender's home: no other upload sees, changes or triggers
/// them. For channels that have every file in hand before they answer for any of them: polled servers, the web
/// service. Implemented by the spool; safe to call from any thread.
public protocol SetIntake: Sendable {
    /// Seconds for which nothing new of this sender is wanted, as `SenderHome.pause`.
    func pause(of sender: SenderNumber) -> TimeInterval

    /// Begins a set. Its ticket is given here and now; a set that is never sealed leaves a gap in the numbers.
    ///
    /// - Parameter note: the channel's own words about the set. A set with a note outlives a restart and is discarded
    ///   when nothing happened to it for the retention of the spool; one without is discarded at the next start.
    func begin(
        from sender: SenderNumber, over channel: ChannelKind, in mailbox: Mailbox, note: [UInt8]?
    ) throws(HomeFault) -> any Consignment

    /// A set begun with a note and not yet sealed, also in an earlier run. `.noSuchFile` when there is none of that
    /// sender.
    func consignment(_ ticket: Ticket, of sender: SenderNumber) throws(HomeFault) -> any Consignment

    /// What was sealed under a mark that has not been forgotten.
    func handedOver(_ mark: HandoverMark) throws(HomeFault) -> Handover?

    /// Forgets a mark, durably. Harmless when repeated.
    func forget(_ mark: HandoverMark) throws(HomeFault)
}

/// A set on its way in, not yet promised to anyone. Calls come from one thread at a time; those without completion
/// return promptly and never wait for a sync.
public protocol Consignment: Sendable {
    /// The ticket the set will have.
    var ticket: Ticket { get }
    var sender: SenderNumber { get }
    var channel: ChannelKind { get }
    var mailbox: Mailbox { get }
    var begunAt: Date { get }
    /// What was noted last; nil when it was begun without a note.
    var note: [UInt8]? { get }

    /// Replaces the note, by temporary name and rename, synced.
    func replaceNote(_ note: [UInt8]) throws(HomeFault)

    /// The files so far, by name.
    func files() throws(HomeFault) -> [HomeEntry]

    /// Opens a file for writing, as in a home; `.resume` keeps what is there. Closing it triggers nothing and does
    /// not wait for the disk; `sync` does. The limits of the spool hold: `.tooLarge`, `.tooManyFiles` (also for more
    /// bytes than the sender may have unsealed), `.outOfSpace`.
    func upload(_ name: FileName, mode: UploadMode) throws(HomeFault) -> any Upload

    /// Opens a file for reading.
    func download(_ name: FileName) throws(HomeFault) -> any Download

    func remove(_ name: FileName) throws(HomeFault)

    /// Makes the set durable with all files it has and hands it to the decision; uploads still open fail with
    /// `.superseded`. The completion comes once, on a thread of the spool: the set is durable then, or nothing
    /// happened and sealing may be tried again.
    ///
    /// - Parameters:
    ///   - name: the GO's name, or that of the file that stands for a set without GO.
    ///   - hasTrigger: false answers the set with 130.
    ///   - mark: kept with the set in the same transaction; `.alreadyExists` when it is kept with another.
    func seal(
        as name: FileName, hasTrigger: Bool, mark: (HandoverMark, fingerprint: Digest)?,
        completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void)

    /// Throws everything away, at once or at the next start. Harmless when repeated or sealed.
    func discard()
}

/// What a channel recognises a handed-over set by: a set that lies at a server still, a request that is repeated.
public struct HandoverMark: Sendable, Hashable {
    /// `<channel>:<anything>`, 1 to 500 bytes.
    public let text: String

    public init(_ text: String) {
        self.text = text
    }
}

/// A set that was sealed under a mark.
public struct Handover: Sendable, Hashable {
    public let ticket: Ticket
    /// Of what was handed over, as the channel computed it.
    public let fingerprint: Digest
    public let at: Date

    public init(ticket: Ticket, fingerprint: Digest, at: Date) {
        self.ticket = ticket
        self.fingerprint = fingerprint
        self.at = at
    }
}
