internal import Exchange

/// What the files of one answer have in common, as it stands in a path: `ACRF.999999.20260102.00001.R`, or with parts
/// `DMNO.999999.20260102.00001.R.1.1` (domain 1.5).
struct AnswerStem: Hashable, Sendable {
    let text: String

    /// Nil unless `text` has the shape of a stem. Whether there is such an answer is another question.
    init?(_ text: String) {
        let elements = text.split(separator: ".", omittingEmptySubsequences: false)
        guard elements.count == 5 || elements.count == 7, Purpose(elements[0]) != nil,
            elements[1] == SenderNumber.administration.description, CalendarDate(compact: elements[2]) != nil,
            elements[3].utf8.count == 5, elements[3].utf8.allSatisfy({ $0.isDigit || $0.isCapital }),
            ExchangeEnvironment(rawValue: String(elements[4])) != nil,
            elements.dropFirst(5).allSatisfy({ $0.utf8.count == 1 && $0.utf8.allSatisfy(\.isDigit) })
        else { return nil }
        self.text = text
    }

    /// The file of this kind.
    func file(_ kind: AnswerFileKind) -> FileName? {
        FileName("\(kind.rawValue).\(text)")
    }
}

/// A file of an answer that is worth fetching; the GO says nothing here.
enum AnswerFileKind: String, Sendable, CaseIterable {
    case answer = "FO"
    case signature = "FS"

    var mediaType: String {
        switch self {
        case .answer: "application/xml"
        // Base64 text (domain 1.1).
        case .signature: "text/plain; charset=us-ascii"
        }
    }
}
