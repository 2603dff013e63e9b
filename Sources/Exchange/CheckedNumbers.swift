/// Numbers of the social-security domain whose last two digits are a check (domain 5.5).

/// A company number: 10 digits beginning with 0 or 1, last two = 97 − (first eight mod 97).
public struct EnterpriseNumber: Sendable, Hashable, CustomStringConvertible {
    /// Always ten digits.
    public let description: String

    /// Takes nine or ten digits (a dropped leading zero is put back), with or without dots.
    /// Nil when the shape or the check digits are wrong.
    public init?(_ text: String) {
        var digits = text.filter { $0 != "." }
        if digits.utf8.count == 9 { digits = "0" + digits }
        guard digits.utf8.count == 10, digits.utf8.allSatisfy(\.isDigit),
            digits.hasPrefix("0") || digits.hasPrefix("1"),
            let stem = Int(digits.prefix(8)), let check = Int(digits.suffix(2)), stem > 0,
            check == 97 - stem % 97
        else { return nil }
        description = digits
    }
}

/// An employer's number at the NSSO: seven digits and two check digits, 100006 to 199999934; the whole number ≡ 96 mod 97.
public struct NSSONumber: Sendable, Hashable, CustomStringConvertible {
    /// Always nine digits.
    public let description: String

    /// Takes six to nine digits, with `-` or `.` before the check digits allowed.
    /// Nil when the range or the check digits are wrong.
    public init?(_ text: String) {
        let digits = text.filter { $0 != "." && $0 != "-" }
        guard (6...9).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit),
            let number = Int(digits),
            (100_006...199_999_934).contains(number), number % 97 == 96
        else { return nil }
        description = String(repeating: "0", count: 9 - digits.utf8.count) + digits
    }
}

/// An identity number of a person: eleven digits, last two = 97 − (first nine mod 97), for births from 2000 on
/// computed over the nine digits with a 2 before them. BIS numbers follow the same rule.
public struct INSS: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// Nil when the shape or the check digits are wrong.
    public init?(_ text: String) {
        guard text.utf8.count == 11, text.utf8.allSatisfy(\.isDigit),
            let stem = Int(text.prefix(9)), let check = Int(text.suffix(2)),
            check == 97 - stem % 97 || check == 97 - (2_000_000_000 + stem) % 97
        else { return nil }
        description = text
    }
}
