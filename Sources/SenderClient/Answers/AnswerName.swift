public import Exchange

/// The name of one file of an answer, such as `FO.ACRF.999999.20230420.00001.R` (domain 1.5): taken from strangers, and
/// safe as a name on disk.
public struct AnswerName: Sendable, Hashable {
    /// What a file is in its answer.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case document = "FO"
        /// The document zipped.
        case archive = "CO"
        case signature = "FS"
        case trigger = "GO"
    }

    public let kind: Kind
    /// Everything behind the prefix.
    public let stem: String
    /// Such as `ACRF` or `NOTI`.
    public let purpose: Purpose

    /// Nil unless the name has a prefix of answers, a purpose, six digits, eight digits, five of `[0-9A-Z]`, an
    /// environment, and at choice a number of parts and of the part.
    public init?(_ bytes: [UInt8]) {
        let elements = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard (6...8).contains(elements.count), let kind = Kind(rawValue: elements[0]),
            let purpose = Purpose(elements[1]), AnswerName.isDigits(elements[2], 6),
            AnswerName.isDigits(elements[3], 8),
            elements[4].utf8.count == 5, elements[4].utf8.allSatisfy({ $0.isDigit || $0.isCapital }),
            ExchangeEnvironment(rawValue: elements[5]) != nil,
            elements.dropFirst(6).allSatisfy({ AnswerName.isDigits($0, 1) })
        else { return nil }
        self.kind = kind
        self.purpose = purpose
        stem = elements.dropFirst().joined(separator: ".")
    }

    /// The name of another file of the same answer.
    public func text(of kind: Kind) -> String { "\(kind.rawValue).\(stem)" }

    private static func isDigits(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy(\.isDigit)
    }
}
