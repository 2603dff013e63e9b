internal import Exchange
internal import Foundation

/// What is written beside the files of a consignment that outlives a restart: whose it is, and the channel's
/// words.
///
/// One line, `<sender> <channel> <mailbox> <seconds since 1970>`, then the words as they are.
struct ConsignmentNote: Sendable {
    let sender: SenderNumber
    let channel: ChannelKind
    let mailbox: Mailbox
    let begunAt: Date
    let words: [UInt8]

    init(sender: SenderNumber, channel: ChannelKind, mailbox: Mailbox, begunAt: Date, words: [UInt8]) {
        self.sender = sender
        self.channel = channel
        self.mailbox = mailbox
        self.begunAt = begunAt
        self.words = words
    }

    /// Nil when the bytes are no note.
    init?(bytes: some Collection<UInt8>) {
        guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
        let elements = String(decoding: bytes[..<end], as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false)
        guard elements.count == 4, let sender = SenderNumber(elements[0]),
            let channel = ChannelKind(rawValue: String(elements[1])),
            let mailbox = Mailbox(rawValue: String(elements[2])), let seconds = Double(elements[3])
        else { return nil }
        self.init(
            sender: sender, channel: channel, mailbox: mailbox, begunAt: Date(timeIntervalSince1970: seconds),
            words: Array(bytes[end...].dropFirst()))
    }

    var bytes: [UInt8] {
        let line = "\(sender) \(channel.rawValue) \(mailbox.rawValue) \(begunAt.timeIntervalSince1970)\n"
        return Array(line.utf8) + words
    }
}
