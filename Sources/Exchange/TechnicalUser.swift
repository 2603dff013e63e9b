/// The log-in name of a sender's machine account: `EXP` and 1 to 20 of `[A-Za-z0-9_]`, case-sensitive
/// (domain 9.15).
public struct TechnicalUser: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// Nil when `text` is outside the convention.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.starts(with: Array("EXP".utf8)), (4...23).contains(bytes.count) else { return nil }
        let isAllowed = { (byte: UInt8) in
            byte.isDigit || byte.isCapital || (byte >= 0x61 && byte <= 0x7A) || byte == 0x5F
        }
        guard bytes.dropFirst(3).allSatisfy(isAllowed) else { return nil }
        description = String(text)
    }
}
