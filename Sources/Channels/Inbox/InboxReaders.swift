internal import Exchange
internal import Foundation
internal import Synchronization

/// Who may have answers waiting, asked for all senders at once, so that looks at many accounts do not ask for each.
final class InboxReaders: Sendable {
    private static let most = 10_000

    private struct Found {
        /// Nil: there were too many to tell.
        var senders: Set<SenderNumber>?
        /// Monotonic seconds.
        var until: TimeInterval
    }

    private let outbox: any Outbox
    private let channel: ChannelKind
    private let clock: InboxClock
    private let validity: TimeInterval
    private let found = Mutex<Found?>(nil)

    init(_ configuration: Inbox.Configuration, _ outbox: any Outbox, _ clock: InboxClock) {
        self.outbox = outbox
        self.clock = clock
        channel = configuration.channel
        validity = min(1, configuration.interval / 2)
    }

    /// False when none was waiting for the sender a moment ago.
    func mayHave(_ sender: SenderNumber) throws(HomeFault) -> Bool {
        let now = clock.seconds()
        if let found = found.withLock({ $0 }), now < found.until {
            return found.senders?.contains(sender) ?? true
        }
        let answers = try outbox.answersWaiting(for: channel, of: nil, limit: InboxReaders.most)
        let senders = answers.count < InboxReaders.most ? Set(answers.map(\.sender)) : nil
        found.withLock { $0 = Found(senders: senders, until: now + validity) }
        return senders?.contains(sender) ?? true
    }
}
