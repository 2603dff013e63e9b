/// The four capitals or digits that say what a file is for, such as `DMFA` or `DIMN` (domain 1.4).
public struct Purpose: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// Nil unless `text` is four characters of `[A-Z0-9]`.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 4, text.utf8.allSatisfy({ $0.isDigit || $0.isCapital }) else { return nil }
        description = String(text)
    }

    /// Purposes whose names may come without the parts elements (domain 1.2: the DRS purposes).
    public static let withoutParts: Set<String> = ["WECH", "ZIMA", "AOAT"]
}
