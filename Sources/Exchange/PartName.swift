/// The parsed name of a file of a set, such as `FI.DMFA.006400.20070423.00001.R.4.1` (domain 1.2).
public struct PartName: Sendable, Hashable {
    /// What a file is in its set; the raw value is the prefix.
    public enum Kind: String, Sendable, Hashable, Codable {
        case declaration = "FI"
        case signature = "FS"
        case trigger = "GO"
        case cancellation = "TD"

        /// The code that says a name of this kind does not follow the convention.
        var malformed: ReceptionCode {
            switch self {
            case .declaration: .malformedDeclarationName
            case .signature: .malformedSignatureName
            case .trigger, .cancellation: .malformedTriggerName
            }
        }
    }

    public let kind: Kind
    public let set: SetName
    /// The part number of an FI or FS as written, 0 to 9; nil for GO and TD and the shape without parts.
    public let part: Int?

    /// The codes that a name earns by its own shape; never empty.
    public struct Fault: Error, Hashable {
        public let codes: [ReceptionCode]
    }

    /// Splits on dots and checks each element, so that the precise codes can be given. Whether the date lies in
    /// the future or the sender fits the directory is not judged here.
    public init(_ name: FileName) throws(Fault) {
        let elements = name.bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let kind = Kind(rawValue: elements[0]) else { throw Fault(codes: [.wrongPrefix]) }
        if elements.count == 5 { throw Fault(codes: [.environmentMissing]) }
        let isNumbered = kind == .declaration || kind == .signature
        guard elements.count == 6 || elements.count == (isNumbered ? 8 : 7),
            let purpose = Purpose(elements[1]),
            let sender = SenderNumber(elements[2]),
            elements.count > 6 || Purpose.withoutParts.contains(purpose.description)
        else { throw Fault(codes: [kind.malformed]) }

        var codes: [ReceptionCode] = []
        let date = CalendarDate(compact: elements[3])
        if elements[3].utf8.count != 8 {
            codes.append(.dateLength)
        } else if date == nil {
            codes.append(.dateInvalid)
        }
        if let code = PartName.fault(ofSequence: elements[4]) { codes.append(code) }
        let environment = ExchangeEnvironment(rawValue: elements[5])
        if environment == nil {
            codes.append(elements[5].isEmpty ? .environmentMissing : .environmentUnknown)
        }
        let partsElement = elements.count > 6 ? elements[6] : nil
        if let partsElement, let code = PartName.fault(ofParts: partsElement) { codes.append(code) }
        let partElement = elements.count > 7 ? elements[7] : nil
        if let partElement, partElement.utf8.count != 1 || !partElement.utf8.allSatisfy(\.isDigit) {
            codes.append(kind.malformed)
        }
        guard codes.isEmpty, let date, let environment else { throw Fault(codes: codes) }

        self.kind = kind
        set = SetName(
            purpose: purpose, sender: sender, date: date, sequence: elements[4], environment: environment,
            parts: partsElement.flatMap { Int($0) })
        part = partElement.flatMap { Int($0) }
    }

    private static func fault(ofSequence text: String) -> ReceptionCode? {
        if text.utf8.count != 5 { return .sequenceLength }
        if !text.utf8.allSatisfy({ $0.isDigit || $0.isCapital }) { return .sequenceCharacters }
        return text == "00000" ? .sequenceZero : nil
    }

    private static func fault(ofParts text: String) -> ReceptionCode? {
        if text.utf8.count != 1 { return .partsLength }
        if !text.utf8.allSatisfy(\.isDigit) { return .partsNotNumeric }
        return text == "0" ? .partsZero : nil
    }
}
