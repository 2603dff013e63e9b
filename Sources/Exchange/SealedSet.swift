public import struct Foundation.Date

/// A file set as it lies in the spool, complete and durable: what arrived, from whom, when, byte for byte.
public struct SealedSet: Sendable, Hashable, Codable {
    public let ticket: Ticket
    /// The sender whose directory it was put in.
    public let sender: SenderNumber
    public let channel: ChannelKind
    public let mailbox: Mailbox
    /// When it was sealed.
    public let receivedAt: Date
    /// The name of the GO, or of the file that stands for the set when no GO came or its own name is at fault.
    public let name: FileName
    /// False when the set was closed by the delay and not by a GO (130).
    public let hasTrigger: Bool
    /// Every file but the GO, sorted by name.
    public let parts: [Part]

    public struct Part: Sendable, Hashable, Codable {
        public let name: FileName
        /// Bytes.
        public let size: Int64
        public let digest: Digest

        public init(name: FileName, size: Int64, digest: Digest) {
            self.name = name
            self.size = size
            self.digest = digest
        }
    }

    public init(
        ticket: Ticket, sender: SenderNumber, channel: ChannelKind, mailbox: Mailbox, receivedAt: Date,
        name: FileName, hasTrigger: Bool, parts: [Part]
    ) {
        self.ticket = ticket
        self.sender = sender
        self.channel = channel
        self.mailbox = mailbox
        self.receivedAt = receivedAt
        self.name = name
        self.hasTrigger = hasTrigger
        self.parts = parts
    }
}
