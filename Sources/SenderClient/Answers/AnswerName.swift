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
    /// How many elements the name has.
    private let count: Int

    /// Nil unless the name has a prefix of answers, a purpose, six digits, eight digits, five of `[0-9A-Z]`, an
    /// environment, and at choice a number of parts and of the part.
    public init?(_ bytes: [UInt8]) {
        let elements = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard (6...AnswerName.mostElements).contains(elements.count), let kind = Kind(rawValue: elements[0]),
            let purpose = Purpose(elements[1]), AnswerName.isDigits(elements[2], 6),
            AnswerName.isDigits(elements[3], 8),
            elements[4].utf8.count == 5, elements[4].utf8.allSatisfy({ $0.isDigit || $0.isCapital }),
            ExchangeEnvironment(rawValue: elements[5]) != nil,
            elements.dropFirst(6).allSatisfy({ AnswerName.isDigits($0, 1) })
        else { return nil }
        self.kind = kind
        self.purpose = purpose
        count = elements.count
        stem = elements.dropFirst().joined(separator: ".")
    }

    private init(_ kind: Kind, stem: String, of name: AnswerName, count: Int) {
        self.kind = kind
        self.stem = stem
        purpose = name.purpose
        self.count = count
    }

    /// The name of another file of the same stem.
    public func of(_ kind: Kind) -> AnswerName { AnswerName(kind, stem: stem, of: self, count: count) }

    /// The same as text.
    public func text(of kind: Kind) -> String { of(kind).text }

    public var text: String { "\(kind.rawValue).\(stem)" }

    /// The documents of the parts a GO stands for that carries their number alone, such as `GO.DMNO.….R.2`; none for
    /// other names.
    var parts: [AnswerName] {
        guard count == AnswerName.mostElements - 1, let last = stem.utf8.last else { return [] }
        return (0..<(last - 0x30)).map { part in
            AnswerName(.document, stem: "\(stem).\(part + 1)", of: self, count: AnswerName.mostElements)
        }
    }

    /// The names a GO of this file may have: with its stem, or, for a part, with the number of parts alone.
    var triggers: [AnswerName] {
        let whole = AnswerName(.trigger, stem: String(stem.dropLast(2)), of: self, count: count - 1)
        return [of(.trigger)] + (count == AnswerName.mostElements ? [whole] : [])
    }

    /// With the number of parts and that of the part.
    private static let mostElements = 8

    private static func isDigits(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy(\.isDigit)
    }
}
