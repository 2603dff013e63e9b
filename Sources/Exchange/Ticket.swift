/// The number a set or a form is known by: 13 positions, `ppppnnnnnnnCZ` (domain 1.9, 9.24).
///
/// The alphabet is base 34: `0`–`9`, `A`–`Z` without I and O. C is the first 11 positions as a base-34 number
/// mod 31, remainder 0 written `X`; the last position is always `Z`.
public struct Ticket: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// What a ticket is for; its raw value is the four-position prefix.
    public enum Kind: String, Sendable {
        case set = "0380"
        case form = "0340"
    }

    public let description: String

    /// Counters from 0 up to this number (excluded) can be written in seven positions: 34⁷.
    public static let capacity: Int64 = 52_523_350_144

    /// - Precondition: `counter` is in `0..<Ticket.capacity`.
    public init(_ kind: Kind, counter: Int64) {
        precondition((0..<Ticket.capacity).contains(counter), "ticket counter exhausted")
        var digits: [UInt8] = []
        var rest = counter
        for _ in 0..<7 {
            digits.append(Ticket.alphabet[Int(rest % 34)])
            rest /= 34
        }
        let stem = Array(kind.rawValue.utf8) + digits.reversed()
        description = String(decoding: stem + [Ticket.checkCharacter(of: stem), 0x5A], as: UTF8.self)
    }

    /// Nil unless `text` has the shape and the check character of a ticket of any prefix.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 13, bytes[12] == 0x5A, bytes.allSatisfy(Ticket.alphabet.contains),
            bytes[11] == Ticket.checkCharacter(of: bytes.prefix(11))
        else { return nil }
        description = String(text)
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)

    private static func checkCharacter(of stem: some Sequence<UInt8>) -> UInt8 {
        var remainder = 0
        for byte in stem {
            remainder = (remainder * 34 + (alphabet.firstIndex(of: byte) ?? 0)) % 31
        }
        return alphabet[remainder == 0 ? 31 : remainder]
    }

    public static func < (left: Ticket, right: Ticket) -> Bool {
        left.description < right.description
    }
}
