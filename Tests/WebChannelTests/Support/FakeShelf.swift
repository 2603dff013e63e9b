import Exchange
import Foundation
import Synchronization

/// Published answers in memory; their files are in `FakeHomes`.
final class FakeShelf: AnswerShelf {
    private let shelved = Mutex<[ShelvedAnswer]>([])
    private let fault = Mutex<HomeFault?>(nil)
    private let looked = Mutex<[Int64: Int]>([:])

    /// How often it was asked for the next answer after this cursor alone.
    func looks(after cursor: Int64) -> Int { looked.withLock { $0[cursor] ?? 0 } }

    /// What every call throws, when set.
    func fail(with fault: HomeFault?) {
        self.fault.withLock { $0 = fault }
    }

    /// Publishes an answer after all others.
    @discardableResult
    func publish(
        _ stem: String, to sender: SenderNumber, in mailbox: Mailbox = .outgoing, about ticket: Ticket
    ) -> ShelvedAnswer {
        shelved.withLock { shelved in
            let answer = ShelvedAnswer(
                cursor: (shelved.last?.cursor ?? 0) + 1, sender: sender, mailbox: mailbox, stem: stem,
                ticket: ticket, publishedAt: Date(), isConfirmed: false)
            shelved.append(answer)
            return answer
        }
    }

    func answers(
        of sender: SenderNumber, after cursor: Int64, unconfirmedOnly: Bool, limit: Int
    ) throws(HomeFault) -> [ShelvedAnswer] {
        if limit == 1 { looked.withLock { $0[cursor, default: 0] += 1 } }
        try check()
        let found = shelved.withLock { shelved in
            shelved.filter {
                $0.sender == sender && $0.cursor > cursor && !(unconfirmedOnly && $0.isConfirmed)
            }
        }
        return Array(found.prefix(limit))
    }

    func answer(_ stem: String, of sender: SenderNumber) throws(HomeFault) -> ShelvedAnswer? {
        try check()
        return shelved.withLock { $0.first { $0.sender == sender && $0.stem == stem } }
    }

    func confirm(_ answer: ShelvedAnswer) throws(HomeFault) {
        try check()
        shelved.withLock { shelved in
            guard let index = shelved.firstIndex(where: { $0.cursor == answer.cursor }) else { return }
            shelved[index] = ShelvedAnswer(
                cursor: answer.cursor, sender: answer.sender, mailbox: answer.mailbox, stem: answer.stem,
                ticket: answer.ticket, publishedAt: answer.publishedAt, isConfirmed: true)
        }
    }

    func remove(_ answer: ShelvedAnswer) throws(HomeFault) {
        try check()
        shelved.withLock { $0.removeAll { $0.cursor == answer.cursor } }
    }

    private func check() throws(HomeFault) {
        if let fault = fault.withLock({ $0 }) { throw fault }
    }
}
