/// A transfer on one line of a terminal.
public struct ProgressLine: Sendable, Hashable {
    public let reading: TransferMeter.Reading

    public init(_ reading: TransferMeter.Reading) {
        self.reading = reading
    }

    /// Below this many columns there is no bar, only words.
    private static let narrowest = 50

    /// Such as `[#####.....]  50%  1.4 MB of 2.8 MB  700 kB/s  2 s left`, never longer than the width.
    ///
    /// - Parameter width: columns of the terminal, one of which stays free: some terminals wrap at the last.
    public func text(width: Int) -> String {
        let words = words
        let room = width - 1
        guard room >= ProgressLine.narrowest, room - words.count >= 12 else {
            return String(words.prefix(max(0, room)))
        }
        let columns = min(room - words.count - 4, 40)
        let filled = Int((Double(columns) * fraction).rounded(.down))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: columns - filled)
        return "[\(bar)]  \(words)"
    }

    private var fraction: Double {
        reading.total == 0 ? 1 : min(1, Double(reading.done) / Double(reading.total))
    }

    /// The line without its bar.
    var words: String {
        let percent = "\(Int(fraction * 100))%"
        var words = String(repeating: " ", count: 4 - percent.count) + percent
        words += "  \(Quantity.bytes(reading.done)) of \(Quantity.bytes(reading.total))"
        guard let rate = reading.rate, rate >= 1 else { return words }
        words += "  \(Quantity.bytes(UInt64(min(rate, 1e18))))/s"
        guard reading.done < reading.total else { return words }
        return words + "  \(Quantity.duration(Double(reading.total - reading.done) / rate)) left"
    }
}
