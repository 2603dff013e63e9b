/// First in, first out, in constant time each.
struct FIFO<Element> {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let first = elements[head]
        drop(1)
        return first
    }

    mutating func popFirst(atMost limit: Int) -> [Element] {
        let first = Array(elements[head...].prefix(limit))
        drop(first.count)
        return first
    }

    mutating func removeAll(where isMeant: (Element) -> Bool = { _ in true }) {
        elements = elements[head...].filter { !isMeant($0) }
        head = 0
    }

    private mutating func drop(_ count: Int) {
        head += count
        if head == elements.count || (head > 64 && head > elements.count / 2) {
            elements.removeFirst(head)
            head = 0
        }
    }
}
