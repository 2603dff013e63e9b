internal import Exchange
internal import Foundation

/// The name of an answer without its prefix, such as `ACRF.999999.20260102.00001.R` (domain 1.5).
enum AnswerStem {
    /// The elements of the names of one answer set, in the order in which the files must appear.
    static let prefixes = ["FO", "FS", "GO"]

    /// Nil when all numbers of the day are used.
    static func text(purpose: String, day: String, number: Int64, environment: ExchangeEnvironment) -> String?
    {
        guard let sequence = sequence(number) else { return nil }
        return "\(purpose).\(SenderNumber.administration).\(day).\(sequence).\(environment.rawValue)"
    }

    /// `00001` to `99999`, then `A0000` to `ZZZZZ` in base 36 (domain 1.2: digits become mixed when they run
    /// out).
    static func sequence(_ number: Int64) -> String? {
        guard number >= 1 else { return nil }
        if number <= 99_999 { return String(number).leftPadded(to: 5) }
        let tail: Int64 = 36 * 36 * 36 * 36
        let rest = number - 100_000
        guard rest / tail < 26, let letter = UnicodeScalar(UInt32(0x41 + rest / tail)) else { return nil }
        return String(Character(letter)) + String(rest % tail, radix: 36, uppercase: true).leftPadded(to: 4)
    }

    /// The day in Belgium, `yyyymmdd`.
    static func day(of time: Date) -> String {
        day(of: time, in: TimeZone(identifier: "Europe/Brussels"))
    }

    /// - Parameter zone: nil on a machine without time zones; the rule of the European Union stands in then.
    static func day(of time: Date, in zone: TimeZone?) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone ?? .gmt
        let local = zone == nil ? time.addingTimeInterval(CentralEuropeanTime.offset(at: time)) : time
        let parts = calendar.dateComponents([.year, .month, .day], from: local)
        let number = (parts.year ?? 0) * 10_000 + (parts.month ?? 0) * 100 + (parts.day ?? 0)
        return String(number).leftPadded(to: 8)
    }
}
