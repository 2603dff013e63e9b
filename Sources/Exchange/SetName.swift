/// What the names of one set have in common: all elements but the prefix and the part number (domain 1.2).
public struct SetName: Sendable, Hashable {
    public let purpose: Purpose
    public let sender: SenderNumber
    public let date: CalendarDate
    /// Five of `[0-9A-Z]`, never `00000`.
    public let sequence: String
    public let environment: ExchangeEnvironment
    /// 1 to 9; nil for the DRS shape without parts, which counts as one part.
    public let parts: Int?

    /// How many FI files the set must have.
    public var declarationCount: Int { parts ?? 1 }

    /// True when both name the same set; the number of parts is not part of its identity.
    public func isSameSet(as other: SetName) -> Bool {
        purpose == other.purpose && sender == other.sender && date == other.date && sequence == other.sequence
            && environment == other.environment
    }

    /// The GO of the set, such as `GO.DMFA.006400.20070423.00001.R.4`.
    public var triggerName: FileName? {
        let elements = ["GO", "\(purpose)", "\(sender)", date.compact, sequence, environment.rawValue]
        return FileName((elements + (parts.map { ["\($0)"] } ?? [])).joined(separator: "."))
    }
}
