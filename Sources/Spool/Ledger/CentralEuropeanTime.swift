internal import Foundation

/// Central European time by the rule of Directive 2000/84/EC: one hour ahead of UTC, two from the last Sunday
/// of March to the last Sunday of October, 1:00 UTC each.
enum CentralEuropeanTime {
    /// Seconds ahead of UTC.
    static func offset(at time: Date) -> TimeInterval {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        guard let year = calendar.dateComponents([.year], from: time).year,
            let begin = lastSunday(of: 3, year, calendar), let end = lastSunday(of: 10, year, calendar)
        else { return 3600 }
        return time >= begin && time < end ? 7200 : 3600
    }

    /// 1:00 UTC on that day, in a month of 31 days.
    private static func lastSunday(of month: Int, _ year: Int, _ calendar: Calendar) -> Date? {
        let components = DateComponents(year: year, month: month, day: 31, hour: 1)
        guard let last = calendar.date(from: components) else { return nil }
        let daysPast = calendar.component(.weekday, from: last) - 1
        return last.addingTimeInterval(TimeInterval(-daysPast) * 86_400)
    }
}
