import Exchange
import Testing

@testable import Spool

@Suite struct TurnsTests {
    private let one = SenderNumber.number(1)
    private let two = SenderNumber.number(2)
    private let three = SenderNumber.number(3)

    /// Puts them in, one after the other; says which were taken.
    private func append(_ texts: [String], of sender: SenderNumber, to turns: inout Turns<String>) -> [Bool] {
        texts.map { turns.append($0, of: sender) }
    }

    /// What is handed out until there is nothing, or something is to be read.
    private func all(_ turns: inout Turns<String>) -> [String] {
        var all: [String] = []
        while case .handOut(let element)? = turns.next() { all.append(element) }
        return all
    }

    @Test func `senders take turns, and what one has comes in its order`() {
        var turns = Turns<String>(share: 10, most: 100)
        let taken =
            append(["a1", "a2", "a3", "a4"], of: one, to: &turns) + append(["b1", "b2"], of: two, to: &turns)
            + append(["c1"], of: three, to: &turns)
        #expect(taken == Array(repeating: true, count: 7))
        let first = all(&turns)
        #expect(first == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"])
        #expect(turns.isEmpty)
        _ = turns.append("b3", of: two)
        let second = all(&turns)
        #expect(second == ["b3"])
    }

    @Test func `what does not fit is read when the line has run out, and nothing goes in before that`() {
        var turns = Turns<String>(share: 2, most: 100)
        let taken =
            append(["a1", "a2", "a3"], of: one, to: &turns) + append(["b1"], of: two, to: &turns)
        #expect(taken == [true, true, false, true])
        let first = all(&turns)
        #expect(first == ["a1", "b1", "a2"])
        // The third turn of the first sender was to read; meanwhile more comes.
        let isTaken = turns.append("a4", of: one)
        #expect(!isTaken)
        #expect(turns.isEmpty)
        turns.endReading(of: one, ["a3"], isAll: true)
        let second = all(&turns)
        #expect(second == ["a3"])
        turns.endReading(of: one, ["a4"], isAll: true)
        _ = turns.append("a5", of: one)
        let third = all(&turns)
        #expect(third == ["a4", "a5"])
    }

    @Test func `a reading that does not bring all is followed by another`() {
        var turns = Turns<String>(share: 2, most: 100)
        turns.noteMore(of: one)
        for texts in [["a1", "a2"], ["a3", "a4"]] {
            let none = all(&turns)
            turns.endReading(of: one, texts, isAll: false)
            let read = all(&turns)
            #expect(none.isEmpty && read == texts)
            turns.endReading(of: one, [], isAll: false)
        }
        let none = all(&turns)
        #expect(none.isEmpty)
        turns.endReading(of: one, [], isAll: true)
        let rest = turns.next()
        #expect(rest == nil)
    }

    @Test func `who has one set has a turn though others fill the memory`() {
        var turns = Turns<String>(share: 5, most: 10)
        for number in 1...10 { _ = turns.append("x\(number)", of: .number(10 + number % 2)) }
        _ = turns.append("a1", of: one)
        var handedOut = 0
        loop: while true {
            switch turns.next() {
            case .handOut: handedOut += 1
            case .read(let sender):
                #expect(sender == one)
                break loop
            case nil: Issue.record("no turn")
            }
        }
        #expect(handedOut <= 2)
    }

    @Test func `a sender that is paused has no turn, and all that waited when it goes on`() {
        var turns = Turns<String>(share: 2, most: 100)
        _ = append(["a1"], of: one, to: &turns) + append(["b1"], of: two, to: &turns)
        turns.pause(one)
        let paused = all(&turns)
        let taken = append(["a2", "a3"], of: one, to: &turns)
        let none = turns.next()
        turns.resume(one)
        let resumed = all(&turns)
        turns.endReading(of: one, ["a3"], isAll: true)
        let read = all(&turns)
        #expect(paused == ["b1"] && taken == [true, false] && none == nil)
        #expect(resumed == ["a1", "a2"] && read == ["a3"])
    }

    @Test func `what is taken out has no turn any more`() {
        var turns = Turns<Int>(share: 300, most: 1000)
        for number in 1...200 { _ = turns.append(number, of: one) }
        _ = turns.append(1000, of: two)
        turns.remove(of: two) { $0 == 1000 }
        turns.remove(of: one) { $0.isMultiple(of: 2) }
        turns.remove(of: three) { _ in true }
        var left: [Int] = []
        while case .handOut(let number)? = turns.next() { left.append(number) }
        #expect(left == (1...100).map { 2 * $0 - 1 })
    }
}
