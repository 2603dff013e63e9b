import Exchange
import Foundation
import Synchronization

@testable import Channels

/// A conversation with a home in memory; what is asked is answered here.
final class SFTPTestTalk {
    let home: FakeHome
    let conversation: SFTPConversation
    private let settled: Settled

    init(
        _ options: FakeHome.Options = .init(), handles: Int = 64, allowance: SFTPFileAllowance = .unlimited,
        now: @escaping () -> Date = Date.init, seconds: @escaping () -> TimeInterval = SFTPClock.now
    ) {
        home = FakeHome(options)
        settled = Settled()
        conversation = SFTPConversation(
            home: home, user: "EXPacme", handleLimit: handles, allowance: allowance, now: now,
            seconds: seconds
        ) { [settled] in
            settled.add($0, $1)
        }
        _ = ask(.initialise)
    }

    /// Replies to one packet, in order.
    func ask(_ packet: SFTPTestPacket) -> [SFTPTestReply] {
        _ = offer(packet)
        return replies()
    }

    func offer(_ packet: SFTPTestPacket) -> SFTPConversation.Progress {
        packet.bytes.withUnsafeBytes { conversation.receive($0) }
    }

    /// Waits for one completion and returns the replies it brings.
    func settle() -> [SFTPTestReply] {
        let (ticket, outcome) = settled.next()
        conversation.resume(ticket, with: outcome)
        return replies()
    }

    func replies() -> [SFTPTestReply] {
        var reader = SFTPPacketReader()
        conversation.replies.take(leaving: []).withUnsafeBytes { reader.append($0) }
        var replies: [SFTPTestReply] = []
        while let isTaken = try? reader.takePacket({
            replies.append(SFTPTestReply(Array($0))); return true
        }), isTaken {}
        return replies
    }

    func open(_ path: String, _ flags: UInt32 = 0x1A) -> UInt32 {
        ask(.open(1, path, flags)).first?.handle ?? 0
    }
}

extension SFTPFileAllowance {
    static let unlimited = SFTPFileAllowance(limit: .max, take: { true }, giveBack: {})
}

/// The outcomes of operations that settled late, in the order in which they came.
final class Settled: Sendable {
    private let outcomes = Mutex<[(UInt64, SFTPSettlement.Outcome)]>([])
    private let arrived = DispatchSemaphore(value: 0)

    func add(_ ticket: UInt64, _ outcome: SFTPSettlement.Outcome) {
        outcomes.withLock { $0.append((ticket, outcome)) }
        arrived.signal()
    }

    func next() -> (UInt64, SFTPSettlement.Outcome) {
        arrived.wait()
        return outcomes.withLock { $0.removeFirst() }
    }
}
