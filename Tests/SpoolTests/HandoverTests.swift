import Exchange
import Foundation
import Synchronization
import Testing

@testable import Spool

@Suite struct HandoverTests {
    private let mark = HandoverMark("ftp:example/IN/FI.x 1767225600")

    @Test func `what was sealed under a mark is known, over a restart too, until it is forgotten`() throws {
        let harness = try Harness()
        #expect(try harness.spool.handedOver(mark) == nil)
        let ticket = try harness.consign(1, mark: mark, "bytes")
        let handover = Handover(ticket: ticket, fingerprint: .of("bytes"), at: harness.clock.now)
        #expect(try harness.spool.handedOver(mark) == handover)
        #expect(try harness.spool.handedOver(HandoverMark("ftp:other")) == nil)
        try harness.reopen()
        #expect(try harness.spool.handedOver(mark) == handover)
        for _ in 1...2 { try harness.spool.forget(mark) }
        #expect(try harness.spool.handedOver(mark) == nil)
        let again = try harness.consign(2, mark: mark)
        #expect(try harness.spool.handedOver(mark)?.ticket == again)
    }

    @Test func `a second set under a mark is not taken, and may be sealed under another`() throws {
        let harness = try Harness()
        let first = try harness.consign(1, mark: mark)
        let second = try harness.begin()
        try second.put("a")
        for _ in 1...2 {
            #expect(throws: HomeFault.alreadyExists) { try second.seal("GO.x", mark: (mark, .of("it"))) }
        }
        #expect(try harness.rows().map(\.sealed.ticket) == [first])
        #expect(harness.files("held") == [first.description])
        try second.seal("GO.x", mark: (HandoverMark("ftp:other"), .of("it")))
        #expect(try harness.rows().map(\.sealed.ticket) == [first, second.ticket])
        #expect(try harness.spool.handedOver(mark)?.ticket == first)
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `of sets under one mark at the same time one is taken, and the others harm nobody`() throws {
        let harness = try Harness()
        let taken = Mutex<[Ticket]>([])
        let refused = Mutex(0)
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 32) { index in
            failures.catching {
                let sender = SenderNumber.number(100 + index % 8)
                guard index.isMultiple(of: 2) else {
                    try harness.consign(index, by: sender)
                    return
                }
                do {
                    let ticket = try harness.consign(index, by: sender, mark: mark)
                    taken.withLock { $0.append(ticket) }
                } catch HomeFault.alreadyExists {
                    refused.withLock { $0 += 1 }
                }
            }
        }
        #expect(failures.all.isEmpty)
        #expect(taken.withLock { $0.count } == 1)
        #expect(refused.withLock { $0 } == 15)
        #expect(try harness.rows().count == 17)
        #expect(try harness.spool.handedOver(mark)?.ticket == taken.withLock { $0.first })
        #expect(try harness.spool.ledger.counts().isConserved)
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `in one group commit a set under a mark already kept fails alone`() throws {
        let harness = try Harness()
        // The committing thread is kept busy until every set waits for it.
        let gate = Pending<Void>()
        harness.spool.committer.submit(Committer.Work(apply: { _ in }, settle: { _ in _ = try? gate.wait() }))
        let marks = [mark, nil, mark, nil, mark]
        var answers: [Pending<Result<Void, HomeFault>>] = []
        let consignments = try marks.indices.map { try harness.begin(by: .number(100 + $0)) }
        for (consignment, mark) in zip(consignments, marks) {
            try consignment.put("a")
            let answer = Pending<Result<Void, HomeFault>>()
            consignment.seal(
                as: try #require(FileName("GO.x")), hasTrigger: true, mark: mark.map { ($0, .of("it")) }
            ) { answer.settle(.success($0)) }
            answers.append(answer)
        }
        try eventually("all wait for the commit") { harness.spool.committer.waiting == marks.count }
        gate.settle(.success(()))
        let results = try answers.map { try $0.wait() }
        func isSealed(_ result: Result<Void, HomeFault>) -> Bool { (try? result.get()) != nil }
        #expect(isSealed(results[1]) && isSealed(results[3]))
        let marked = [0, 2, 4].filter { isSealed(results[$0]) }
        #expect(marked.count == 1)
        for index in [0, 2, 4] where !marked.contains(index) {
            #expect(throws: HomeFault.alreadyExists) { try results[index].get() }
        }
        #expect(try harness.rows().count == 3)
        #expect(try harness.spool.handedOver(mark)?.ticket == consignments[try #require(marked.first)].ticket)
    }

    @Test func `a set that is not written leaves no mark`() throws {
        let harness = try Harness()
        try harness.ledger(
            "CREATE TRIGGER trouble BEFORE INSERT ON handover BEGIN SELECT RAISE(ABORT, 'trouble'); END")
        #expect(throws: HomeFault.self) { try harness.consign(1, mark: mark) }
        #expect(try harness.rows().isEmpty)
        try harness.consign(2)
        try harness.ledger("DROP TRIGGER trouble")
        #expect(try harness.spool.handedOver(mark) == nil)
        try harness.consign(1, mark: mark)
        #expect(try harness.rows().count == 2)
    }

    @Test(arguments: [(0, false), (1, true), (500, true), (501, false)])
    func `a mark has 1 to 500 bytes`(length: Int, isTaken: Bool) throws {
        let harness = try Harness()
        let mark = HandoverMark(String(repeating: "m", count: length))
        if isTaken {
            let ticket = try harness.consign(1, mark: mark)
            #expect(try harness.spool.handedOver(mark)?.ticket == ticket)
        } else {
            #expect(throws: HomeFault.notAllowed) { try harness.consign(1, mark: mark) }
        }
    }

    @Test func `marks are forgotten after their retention`() throws {
        let harness = try Harness()
        try harness.consign(1, mark: HandoverMark("old:0"))
        try harness.ledger(
            """
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1100)
            INSERT INTO handover SELECT 'old:' || n, setSeq, fingerprint, at FROM number, handover
            """)
        harness.clock.advance(30 * 86_400 - 1)
        try harness.consign(2000, mark: mark)
        harness.spool.sweeper.sweep()
        #expect(try harness.spool.handedOver(HandoverMark("old:1")) != nil)
        harness.clock.advance(1)
        harness.spool.sweeper.sweep()
        for number in [0, 1, 500, 501, 1100] {
            #expect(try harness.spool.handedOver(HandoverMark("old:\(number)")) == nil)
        }
        #expect(try harness.spool.handedOver(mark) != nil)
    }
}
