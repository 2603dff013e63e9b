/// The number of a registered technical sender: six digits, `000001` to `999998` (domain 1.2, element 3).
/// `999999` is the administration itself and is never a sender's.
public struct SenderNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let description: String

    /// The administration's own number, under which answers are issued (domain 0.8).
    public static let administration = SenderNumber(uncheckedDigits: "999999")

    /// Nil unless `text` is six ASCII digits other than `000000` and `999999`.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 6, text.utf8.allSatisfy(\.isDigit), text != "000000", text != "999999" else {
            return nil
        }
        description = String(text)
    }

    private init(uncheckedDigits: String) {
        description = uncheckedDigits
    }

    public static func < (left: SenderNumber, right: SenderNumber) -> Bool {
        left.description < right.description
    }
}

extension UInt8 {
    /// True for ASCII `0` to `9`.
    public var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    /// True for ASCII `A` to `Z`.
    public var isCapital: Bool { self >= 0x41 && self <= 0x5A }
}
