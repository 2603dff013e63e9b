import Testing

@testable import SenderClient

@Suite struct SubmissionBookTests {
    @Test func `a set is going from its GO until it is sent or settled`() throws {
        let sets = try (1...2).map { try TestSets.set("0000\($0)", sizes: [1], seed: 1) }
        let book = SubmissionBook(sets) { _ in }
        let (first, second) = (try #require(book.next()), try #require(book.next()))
        #expect(!book.isGoing(first))
        book.noteGoing(first)
        book.noteGoing(second)
        #expect(book.isGoing(first) && book.awaiting.isEmpty)
        book.noteSent(first, at: 1)
        #expect(!book.isGoing(first) && book.awaiting == [first: 1])
        book.settle(second, .failed("no"))
        #expect(!book.isGoing(second) && book.isBringing == false)
    }
}
