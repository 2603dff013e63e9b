internal import Exchange

extension UInt64 {
    /// Nil unless `digits` is nothing but digits, and not too many.
    init?(digits: String) {
        guard digits.utf8.allSatisfy(\.isDigit) else { return nil }
        self.init(digits)
    }
}
