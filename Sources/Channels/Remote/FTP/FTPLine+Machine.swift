internal import Exchange

extension FTPLine {
    /// A line of MLSD (RFC 3659, 7.2): facts `name=value;`, one space, the name.
    static func machine(_ line: [UInt8]) -> FTPLine {
        guard let space = line.firstIndex(of: 0x20) else { return .unknown }
        var facts: [[UInt8]: ArraySlice<UInt8>] = [:]
        for fact in line[..<space].split(separator: 0x3B) {
            guard let equals = fact.firstIndex(of: 0x3D) else { return .unknown }
            facts[fact[..<equals].lowercased] = fact[fact.index(after: equals)...]
        }
        let kind: RemoteEntry.Kind
        switch facts[Array("type".utf8)].map({ String(decoding: $0.lowercased, as: UTF8.self) }) {
        case "file": kind = .file
        case "dir": kind = .directory
        case "cdir", "pdir": return .nothing
        default: kind = .other
        }
        let stamp = facts[Array("modify".utf8)].flatMap(instant)
        return of(
            line[(space + 1)...], kind, size: facts[Array("size".utf8)]?.decimal, stamp: stamp?.text ?? "",
            modifiedAt: stamp?.seconds)
    }

    /// `YYYYMMDDHHMMSS` with or without a fraction, in UTC (RFC 3659, 2.3).
    private static func instant(_ value: ArraySlice<UInt8>) -> (text: String, seconds: Double)? {
        let parts = value.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
        guard let digits = parts.first, digits.count == 14, digits.decimal != nil,
            let date = CalendarDate(compact: String(decoding: digits.prefix(8), as: UTF8.self)),
            let time = digits.dropFirst(8).decimal, time / 10_000 < 24, time / 100 % 100 < 60,
            time % 100 < 61,
            parts.count == 1 || (parts[1].decimal != nil && parts[1].count < 10)
        else { return nil }
        let seconds = time / 10_000 * 3600 + time / 100 % 100 * 60 + time % 100
        let fraction =
            parts.count == 1 ? 0 : Double("0." + String(decoding: parts[1], as: UTF8.self)) ?? 0
        return (
            String(decoding: value, as: UTF8.self),
            Double(date.dayNumber) * 86_400 + Double(seconds) + fraction
        )
    }
}
