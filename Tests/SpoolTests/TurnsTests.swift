import Exchange
import Testing

@testable import Spool

@Suite struct TurnsTests {
    @Test func `senders take turns, and what one has comes in its order`() {
        var turns = Turns<String>()
        for text in ["a1", "a2", "a3", "a4"] { turns.append(text, of: .number(1)) }
        turns.append("b1", of: .number(2))
        #expect(turns.next() == "a1")
        turns.append("c1", of: .number(3))
        turns.append("b2", of: .number(2))
        #expect([turns.next(), turns.next(), turns.next(), turns.next()] == ["b1", "a2", "c1", "b2"])
        #expect(turns.count == 2)
        #expect([turns.next(), turns.next(), turns.next()] == ["a3", "a4", nil])
        turns.append("b3", of: .number(2))
        #expect([turns.next(), turns.next()] == ["b3", nil])
    }

    @Test func `what is taken out has no turn any more`() {
        var turns = Turns<Int>()
        for number in 1...200 { turns.append(number, of: .number(1)) }
        turns.append(1000, of: .number(2))
        turns.remove(of: .number(2)) { $0 == 1000 }
        turns.remove(of: .number(1)) { $0.isMultiple(of: 2) }
        turns.remove(of: .number(3)) { _ in true }
        #expect(turns.count == 100)
        #expect(turns.count(of: .number(2)) == 0)
        #expect((1...100).map { _ in turns.next() } == (1...100).map { 2 * $0 - 1 })
        #expect(turns.next() == nil)
    }
}
