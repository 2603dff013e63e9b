internal import Exchange
internal import Foundation

extension Date {
    /// The administration's time zone: dates in names and documents are Belgian.
    static let brussels = TimeZone(identifier: "Europe/Brussels") ?? .gmt

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = brussels
        return calendar
    }()

    /// The day in Belgium.
    var calendarDate: CalendarDate {
        let parts = Date.calendar.dateComponents([.year, .month, .day], from: self)
        guard let date = CalendarDate(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
        else {
            preconditionFailure("a date outside the years 1 to 9999")
        }
        return date
    }

    /// `FormCreationDate`, `yyyy-mm-dd`, and `FormCreationHour`, `hh:mm:ss.mmm`, both in Belgian time (domain 1.6).
    var formCreation: (date: String, hour: String) {
        let parts = Date.calendar.dateComponents([.hour, .minute, .second, .nanosecond], from: self)
        let day = calendarDate
        let two = { (number: Int?) in String(number ?? 0).leftPadded(to: 2) }
        let milliseconds = min(999, (parts.nanosecond ?? 0) / 1_000_000)
        return (
            "\(String(day.year).leftPadded(to: 4))-\(two(day.month))-\(two(day.day))",
            "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)).\(String(milliseconds).leftPadded(to: 3))"
        )
    }
}
