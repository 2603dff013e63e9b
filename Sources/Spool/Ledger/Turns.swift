internal import Exchange

/// Elements in lines, one line for each sender: handed out by turns, one of each line, and within a line first in,
/// first out. So nobody waits for all that another sender has waiting.
struct Turns<Element> {
    private var lines: [SenderNumber: Line<Element>] = [:]
    /// The senders who have a line, in the order of their turns.
    private var round = Line<SenderNumber>()
    private(set) var count = 0

    /// How many there are of one sender.
    func count(of sender: SenderNumber) -> Int { lines[sender]?.count ?? 0 }

    mutating func append(_ element: Element, of sender: SenderNumber) {
        if lines[sender] == nil { round.append(sender) }
        lines[sender, default: Line()].append(element)
        count += 1
    }

    /// The next one; nil when there is none.
    mutating func next() -> Element? {
        guard let sender = round.popFirst(), let element = lines[sender]?.popFirst() else { return nil }
        count -= 1
        if lines[sender]?.count == 0 {
            lines[sender] = nil
        } else {
            round.append(sender)
        }
        return element
    }

    mutating func remove(of sender: SenderNumber, where isMeant: (Element) -> Bool) {
        guard let before = lines[sender]?.count else { return }
        lines[sender]?.removeAll(where: isMeant)
        let after = count(of: sender)
        count -= before - after
        guard after == 0 else { return }
        lines[sender] = nil
        round.removeAll { $0 == sender }
    }
}

/// First in, first out.
private struct Line<Element> {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            head += 1
            if head == elements.count || head > 64 && head > elements.count / 2 {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }

    mutating func removeAll(where isMeant: (Element) -> Bool) {
        elements = elements[head...].filter { !isMeant($0) }
        head = 0
    }
}
