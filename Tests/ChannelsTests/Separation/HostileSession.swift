import Exchange

@testable import Channels

/// A sender's connections, one after the other.
protocol HostileConnection {
    /// Does what the step says, and returns what it brings, but for what would be another at another time.
    func take(_ step: HostileStep) throws -> [UInt8]
    /// Returns when nothing is open any more.
    func end()
}

/// Conversations with a shared spool, without a transport; every byte of a reply counts.
final class HostileSession: HostileConnection {
    private let spool: SharedSpool
    private let sender: SenderNumber
    private let settled = Settled()
    private var conversation: SFTPConversation

    init(_ sender: SenderNumber, at spool: SharedSpool) throws {
        self.sender = sender
        self.spool = spool
        conversation = try Self.connect(sender, spool, settled)
    }

    func take(_ step: HostileStep) throws -> [UInt8] {
        guard let packet = step.packet else {
            conversation.end()
            conversation = try Self.connect(sender, spool, settled)
            return []
        }
        while packet.bytes.withUnsafeBytes({ conversation.receive($0) }) == .held { settle() }
        while conversation.waitingCount > 0 { settle() }
        return conversation.replies.take(leaving: [])
    }

    func end() { conversation.end() }

    private func settle() {
        let (ticket, outcome) = settled.next()
        conversation.resume(ticket, with: outcome)
    }

    private static func connect(
        _ sender: SenderNumber, _ spool: SharedSpool, _ settled: Settled
    ) throws -> SFTPConversation {
        let conversation = try spool.conversation(of: sender) { settled.add($0, $1) }
        _ = SFTPTestPacket.initialise.bytes.withUnsafeBytes { conversation.receive($0) }
        _ = conversation.replies.take(leaving: [])
        return conversation
    }
}
