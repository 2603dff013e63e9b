import Exchange
import Foundation
import Testing

@Suite struct CalendarDateTests {
    @Test(arguments: [
        (2000, true), (1900, false), (2024, true), (2023, false), (2100, false), (2400, true), (4, true),
    ])
    func `a leap day exists in leap years only`(_ year: Int, _ isLeap: Bool) {
        #expect((CalendarDate(year: year, month: 2, day: 29) != nil) == isLeap)
        #expect(CalendarDate(year: year, month: 2, day: 28) != nil)
        #expect(CalendarDate(year: year, month: 2, day: 30) == nil)
    }

    @Test func `months have the days they have`() {
        for (index, days) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
            #expect(CalendarDate(year: 2023, month: index + 1, day: days) != nil)
            #expect(CalendarDate(year: 2023, month: index + 1, day: days + 1) == nil)
            #expect(CalendarDate(year: 2023, month: index + 1, day: 0) == nil)
        }
        #expect(CalendarDate(year: 2023, month: 0, day: 1) == nil)
        #expect(CalendarDate(year: 2023, month: 13, day: 1) == nil)
        #expect(CalendarDate(year: 0, month: 1, day: 1) == nil)
        #expect(CalendarDate(year: 10_000, month: 1, day: 1) == nil)
    }

    @Test(arguments: ["20230420", "20000229", "00010101", "99991231"])
    func `eight digits are read and written back`(_ text: String) {
        #expect(CalendarDate(compact: text)?.compact == text)
    }

    @Test(arguments: [
        "", "2023042", "202304200", "2023042a", "20230431", "20230229", "00000101", "+2304200", "2023 420",
        "２０２３",
    ])
    func `anything else is no day`(_ text: String) {
        #expect(CalendarDate(compact: text) == nil)
    }

    @Test func `the number of a day is that of Foundation`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for day in stride(from: -110_000, through: 150_000, by: 37) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let ours = try CalendarDate(
                year: #require(parts.year), month: #require(parts.month), day: #require(parts.day))
            #expect(ours?.dayNumber == day)
        }
    }

    @Test func `every next day has the next number and is later`() throws {
        var last = try #require(CalendarDate(year: 1, month: 1, day: 1))
        #expect(last.dayNumber == -719_162)
        for year in [1, 2, 3, 4, 99, 100, 101, 399, 400, 401, 1999, 2000, 2001, 9999] {
            var isFirst = true
            for month in 1...12 {
                for day in 1...31 {
                    guard let date = CalendarDate(year: year, month: month, day: day) else { continue }
                    if !isFirst { #expect(date.dayNumber == last.dayNumber + 1) }
                    #expect(isFirst || last < date)
                    isFirst = false
                    last = date
                }
            }
        }
        #expect(last.dayNumber == 2_932_896)
    }
}
