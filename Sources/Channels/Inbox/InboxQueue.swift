internal import Exchange
internal import Foundation

/// Senders by time, and by number where times are equal: a binary heap.
struct InboxQueue {
    typealias Place = (sender: SenderNumber, time: TimeInterval)

    private var places: [Place] = []

    var first: Place? { places.first }

    mutating func add(_ sender: SenderNumber, at time: TimeInterval) {
        places.append((sender, time))
        var index = places.count - 1
        while index > 0, precedes(index, (index - 1) / 2) {
            places.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// There must be one.
    mutating func removeFirst() {
        places.swapAt(0, places.count - 1)
        places.removeLast()
        var index = 0
        while true {
            let children = (2 * index + 1)..<(2 * index + 3)
            guard let least = children.clamped(to: 0..<places.count).min(by: { precedes($0, $1) }),
                precedes(least, index)
            else { return }
            places.swapAt(least, index)
            index = least
        }
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        (places[one].time, places[one].sender) < (places[other].time, places[other].sender)
    }
}
