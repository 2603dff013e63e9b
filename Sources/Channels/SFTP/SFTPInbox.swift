internal import CLibSSH
internal import Foundation
internal import Synchronization

/// A connection on its way from the acceptor to the worker that will own it.
///
/// `@unchecked Sendable`: the session is used by one thread at a time; it is handed over through the inbox's lock.
struct SFTPNewcomer: @unchecked Sendable {
    let id: UInt64
    let address: PeerAddress
    let transport: ssh_session
}

/// What other threads tell a worker. Posting wakes the worker through an event descriptor it polls.
final class SFTPInbox: Sendable {
    enum Message: Sendable {
        case newcomer(SFTPNewcomer)
        /// An operation of a session has its outcome.
        case settled(session: UInt64, ticket: UInt64, outcome: SFTPSettlement.Outcome)
        /// The connection must make room, unless it has logged in meanwhile; excused when others took the room.
        case evict(session: UInt64, isExcused: Bool)
        /// Answer what is in hand, for that many seconds at the most, then end everything.
        case stop(grace: TimeInterval)
    }

    /// Readable while messages wait.
    let descriptor: Int32
    private let messages = Mutex<[Message]>([])

    init() throws(SFTPServerFault) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .system("eventfd: \(systemReason())") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func post(_ message: Message) {
        let isFirst = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        guard isFirst else { return }
        var one: UInt64 = 1
        // Fails only when the counter is full, and then the worker is awake.
        _ = write(descriptor, &one, 8)
    }

    /// All messages so far, in order.
    func take() -> [Message] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
