import Exchange
import Synchronization

/// Answers that wait, in memory; their files lie in the fake homes.
final class FakeOutbox: Outbox {
    private struct State {
        var waiting: [WaitingAnswer] = []
        var last: Int64 = 0
        var refusal: (@Sendable (String) -> FakeSetIntake.Fate) = { _ in .fine }
    }

    private let state = Mutex(State())
    private let homes: FakeIntake

    init(homes: FakeIntake) {
        self.homes = homes
    }

    /// `waiting`, `note`.
    func fail(_ trouble: @escaping @Sendable (String) -> FakeSetIntake.Fate) {
        state.withLock { $0.refusal = trouble }
    }

    var waiting: [WaitingAnswer] { state.withLock { $0.waiting } }

    /// Publishes an answer; returns its stem.
    @discardableResult
    func publish(to sender: SenderNumber, in mailbox: Mailbox = .outgoing) -> String {
        let number = state.withLock { state -> Int64 in
            state.last += 1
            return state.last
        }
        let digits = "\(100_000 + number)".dropFirst()
        let stem = "ACRF.999999.20260420.\(digits).\(mailbox.environment.rawValue)"
        var files: [FileName] = []
        for prefix in ["FO", "FS", "GO"] {
            guard let name = FileName("\(prefix).\(stem)") else { continue }
            let content = prefix == "GO" ? [] : Array("\(prefix) of \(stem)".utf8)
            homes.home(of: sender).publish(name, content, in: mailbox)
            files.append(name)
        }
        let answer = WaitingAnswer(
            sender: sender, mailbox: mailbox, files: files, ticket: Ticket(.set, counter: 1_000_000 + number))
        state.withLock { $0.waiting.append(answer) }
        return stem
    }

    func answersWaiting(
        for channel: ChannelKind, of sender: SenderNumber?, limit: Int
    ) throws(HomeFault) -> [WaitingAnswer] {
        let (waiting, refusal) = state.withLock { ($0.waiting, $0.refusal) }
        if case .fails(let fault) = refusal("waiting") { throw fault }
        return Array(waiting.filter { sender == nil || $0.sender == sender }.prefix(limit))
    }

    func noteTaken(_ answer: WaitingAnswer) throws(HomeFault) {
        let fate = state.withLock { $0.refusal }("note")
        if case .fails(let fault) = fate { throw fault }
        state.withLock { $0.waiting.removeAll { $0 == answer } }
        if case .isCutOff = fate { throw .failed("cut off") }
    }
}

extension FakeHome {
    func publish(_ name: FileName, _ bytes: [UInt8], in mailbox: Mailbox) {
        state.withLock { $0.files[Place(mailbox: mailbox, name: name)] = File(bytes: bytes, owner: 0) }
    }
}
