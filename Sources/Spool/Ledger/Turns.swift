internal import Exchange

/// What waits in memory, in lines, one for each sender: senders take turns, and within a line the first in is the first
/// out. So nobody waits for all that another sender has waiting, however much that is.
///
/// A line knows only the next of its sender's sets; whether the ledger has more is noted with it, and found out when the
/// line has run out and its turn comes. What is left to such a reading is never put in before what it will bring.
struct Turns<Element> {
    /// What is to be done next.
    enum Turn {
        case handOut(Element)
        /// The sender's line has run out: `endReading` tells what the ledger has.
        case read(SenderNumber)
    }

    private struct Line {
        var elements = FIFO<Element>()
        /// The ledger may have more than is here.
        var mayHaveMore = false
        var isBeingRead = false
        var isInRound = false
        /// Has no turn until `resume`.
        var isPaused = false

        func takes(atMost share: Int) -> Bool {
            !mayHaveMore && !isBeingRead && elements.count < share
        }
    }

    /// Elements of one sender at the most, but for what a reading brings.
    private let share: Int
    /// Elements of all.
    private let most: Int
    private var lines: [SenderNumber: Line] = [:]
    /// Senders with something to do, in the order of their turns.
    private var round = FIFO<SenderNumber>()
    /// Elements in all lines.
    private(set) var count = 0

    init(share: Int, most: Int) {
        self.share = share
        self.most = most
    }

    var isEmpty: Bool { round.isEmpty }

    /// Puts one at the end of its line; false when it is left to a reading.
    mutating func append(_ element: Element, of sender: SenderNumber) -> Bool {
        // In place: a line in a variable of its own would be copied with all that is in it.
        let isTaken = count < most && lines[sender]?.takes(atMost: share) != false
        if isTaken {
            lines[sender, default: Line()].elements.append(element)
            count += 1
        } else {
            lines[sender, default: Line()].mayHaveMore = true
        }
        settle(sender)
        return isTaken
    }

    /// The ledger may have more of a sender than is known here.
    mutating func noteMore(of sender: SenderNumber) {
        lines[sender, default: Line()].mayHaveMore = true
        settle(sender)
    }

    mutating func next() -> Turn? {
        while let sender = round.popFirst() {
            lines[sender]?.isInRound = false
            if lines[sender]?.isPaused == true { continue }
            if let element = lines[sender]?.elements.popFirst() {
                count -= 1
                settle(sender)
                return .handOut(element)
            }
            if lines[sender]?.mayHaveMore == true {
                // What is noted from now on may be missing from the reading.
                lines[sender]?.mayHaveMore = false
                lines[sender]?.isBeingRead = true
                return .read(sender)
            }
            lines[sender] = nil
        }
        return nil
    }

    /// - Parameter isAll: the ledger had no more.
    mutating func endReading(of sender: SenderNumber, _ elements: [Element], isAll: Bool) {
        lines[sender]?.isBeingRead = false
        for element in elements { lines[sender]?.elements.append(element) }
        count += elements.count
        if !isAll { lines[sender]?.mayHaveMore = true }
        settle(sender)
    }

    /// Nothing of a sender is handed out until `resume`.
    mutating func pause(_ sender: SenderNumber) {
        lines[sender, default: Line()].isPaused = true
    }

    mutating func resume(_ sender: SenderNumber) {
        lines[sender]?.isPaused = false
        settle(sender)
    }

    mutating func remove(of sender: SenderNumber, where isMeant: (Element) -> Bool) {
        guard let before = lines[sender]?.elements.count else { return }
        lines[sender]?.elements.removeAll(where: isMeant)
        count -= before - (lines[sender]?.elements.count ?? 0)
    }

    /// Gives the sender a place in the round when there is something to do for it, and forgets it otherwise.
    private mutating func settle(_ sender: SenderNumber) {
        guard let line = lines[sender], !line.isBeingRead, !line.isInRound, !line.isPaused else { return }
        if line.elements.isEmpty, !line.mayHaveMore {
            lines[sender] = nil
        } else {
            lines[sender]?.isInRound = true
            round.append(sender)
        }
    }
}
