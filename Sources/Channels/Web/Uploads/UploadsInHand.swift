internal import Exchange
internal import Foundation
internal import Synchronization

/// Who writes what of the sets that come file by file: one request a file, and none while the set is closed.
///
/// A hold is taken before it is known whose set a ticket is. That is why holds are kept by sender: nobody stands in
/// the way of another, whatever tickets it names.
final class UploadsInHand: Sendable {
    /// A set as a sender names it; not necessarily its own.
    struct NamedSet: Hashable, Sendable {
        let ticket: Ticket
        let sender: SenderNumber

        init(_ ticket: Ticket, of caller: WebCaller) {
            self.ticket = ticket
            sender = caller.sender
        }
    }

    private enum Hold: Equatable {
        case files(Set<FileName>)
        case whole
    }

    private let holds = Mutex<[NamedSet: Hold]>([:])
    /// What changes a set as such comes one after the other; sets that share a turn wait for each other.
    private let turns = (0..<16).map { _ in NSLock() }

    /// False when another request writes the file or closes the set.
    func take(_ file: FileName, of set: NamedSet) -> Bool {
        holds.withLock { holds in
            guard case .files(let files) = holds[set] ?? .files([]), !files.contains(file) else {
                return false
            }
            holds[set] = .files(files.union([file]))
            return true
        }
    }

    /// False when another request writes any file of the set or closes it.
    func takeWhole(_ set: NamedSet) -> Bool {
        holds.withLock { holds in
            guard holds[set] == nil else { return false }
            holds[set] = .whole
            return true
        }
    }

    /// True while a request writes the file or closes the set.
    func holds(_ file: FileName, of set: NamedSet) -> Bool {
        holds.withLock { holds in
            switch holds[set] {
            case .files(let files): files.contains(file)
            case .whole: true
            case nil: false
            }
        }
    }

    func giveBack(_ file: FileName, of set: NamedSet) {
        holds.withLock { holds in
            guard case .files(let files) = holds[set] else { return }
            let rest = files.subtracting([file])
            holds[set] = rest.isEmpty ? nil : .files(rest)
        }
    }

    func giveBackWhole(_ set: NamedSet) {
        holds.withLock { $0[set] = nil }
    }

    /// `body` while no other body is run for this ticket; the thread waits.
    func inTurn<Value>(_ ticket: Ticket, _ body: () throws -> Value) rethrows -> Value {
        try turns[Int(ticket.hashValue.magnitude % UInt(turns.count))].withLock(body)
    }
}
