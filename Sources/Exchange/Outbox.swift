/// What a channel that carries answers out itself (a folder, a polled server) knows of the spool.
public protocol Outbox: Sendable {
    /// Answers published for `channel` and not yet taken, oldest first, at most `limit`; of one sender, or of all when
    /// `sender` is nil.
    func answersWaiting(
        for channel: ChannelKind, of sender: SenderNumber?, limit: Int
    ) throws(HomeFault) -> [WaitingAnswer]
    /// Notes that the answer was carried out durably; repeating it is harmless.
    func noteTaken(_ answer: WaitingAnswer) throws(HomeFault)
}

/// A published answer: its files lie in the home of `sender` under `mailbox`, to be read with `SenderHome.download`.
public struct WaitingAnswer: Sendable, Hashable {
    public let sender: SenderNumber
    public let mailbox: Mailbox
    /// FO, FS, GO: in the order they must appear.
    public let files: [FileName]
    /// Known to the outbox only.
    public let ticket: Ticket

    public init(sender: SenderNumber, mailbox: Mailbox, files: [FileName], ticket: Ticket) {
        self.sender = sender
        self.mailbox = mailbox
        self.files = files
        self.ticket = ticket
    }
}
