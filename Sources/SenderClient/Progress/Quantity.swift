/// Quantities as people read them.
public enum Quantity {
    /// Such as `17 B`, `1.4 MB`, `350 MB`: powers of 1000, three figures.
    public static func bytes(_ count: UInt64) -> String {
        guard count >= 1000 else { return "\(count) B" }
        var value = Double(count)
        for unit in ["kB", "MB", "GB", "TB", "PB"] {
            value /= 1000
            // 999.5 would be written as 1000.
            if value < 999.5 || unit == "PB" { return figures(value) + " " + unit }
        }
        preconditionFailure("the last unit takes everything")
    }

    /// Such as `8 s`, `3:07`, `1:02:03`; more than 99 hours are `> 99 h`.
    public static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 360_000 else { return "> 99 h" }
        let whole = Int(max(0, seconds).rounded(.up))
        if whole < 60 { return "\(whole) s" }
        let minutes = whole / 60 % 60
        let tail = padded(whole % 60)
        return whole < 3600 ? "\(minutes):\(tail)" : "\(whole / 3600):\(padded(minutes)):\(tail)"
    }

    private static func figures(_ value: Double) -> String {
        guard value < 9.95 else { return "\(Int(value.rounded()))" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func padded(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

extension Quantity {
    /// Seconds in words such as `90s`, `5m`, `1h` or `0`; nil for anything else, and for more than a week.
    public static func seconds(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard (1...6).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Double(digits)
        else { return nil }
        let seconds = number * (unit ?? 1)
        return seconds <= 604_800 ? seconds : nil
    }
}
