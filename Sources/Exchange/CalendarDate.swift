/// A day of the proleptic Gregorian calendar, written `yyyymmdd` in names and `yyyy-mm-dd` in documents.
public struct CalendarDate: Sendable, Hashable, Comparable {
    public let year: Int
    public let month: Int
    public let day: Int

    /// Nil unless the three numbers are a real day in the years 1 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[month - 1]).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Nil unless `text` is eight digits that name a real day.
    public init?(compact text: some StringProtocol) {
        guard text.utf8.count == 8, text.utf8.allSatisfy(\.isDigit), let number = Int(text) else {
            return nil
        }
        self.init(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    }

    /// The days since 1970-01-01, negative before; for differences between days.
    public var dayNumber: Int {
        // Days from civil: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// `yyyymmdd`.
    public var compact: String {
        String(year * 10_000 + month * 100 + day).leftPadded(to: 8)
    }

    public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

extension String {
    /// The string with zeros before it, up to `width` characters.
    public func leftPadded(to width: Int) -> String {
        utf8.count >= width ? self : String(repeating: "0", count: width - utf8.count) + self
    }
}
