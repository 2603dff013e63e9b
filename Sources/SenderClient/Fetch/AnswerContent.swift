internal import Exchange

/// What an answer says, as far as it is read here.
public enum AnswerContent: Sendable, Hashable {
    case receipts([Receipt])
    case notification(Notification)

    /// A NOTI document (domain 1.8), summed up.
    public struct Notification: Sendable, Hashable {
        /// Forms by the digit of their result: `1` accepted, `0` refused, and others.
        public let results: [String: Int]
        /// The first refused forms, with the number of their ticket and what is wrong.
        public let refused: [Refused]

        public struct Refused: Sendable, Hashable {
            public let ticket: String?
            public let errors: [String]
        }
    }

    /// What people can be told of, of each kind.
    private static let mostRefused = 20
    private static let mostErrors = 20

    /// Nil for kinds of answers that are not read, and for documents that cannot be.
    init?(of name: AnswerName, _ document: [UInt8]) {
        switch name.purpose.description {
        case "ACRF":
            guard let receipts = try? Receipt.forms(in: document) else { return nil }
            self = .receipts(receipts)
        case "NOTI":
            guard let notification = try? AnswerContent.notification(in: document) else { return nil }
            self = .notification(notification)
        default: return nil
        }
    }

    private static func notification(in document: [UInt8]) throws(AnswerXML.Fault) -> Notification {
        var elements = ElementText()
        var results: [String: Int] = [:]
        var refused: [Notification.Refused] = []
        var (ticket, result, errors): (String?, String?, [String]) = (nil, nil, [])
        try AnswerXML.read(document) { event in
            guard let (path, text) = elements.take(event) else { return }
            switch path.joined(separator: "/") {
            case "NOTIFICATION/Form/HandledReference/ReferenceNbr": ticket = text
            case "NOTIFICATION/Form/HandlingResult/ResultCode": result = text
            case "NOTIFICATION/Form/HandlingResult/AnomalyReport/ErrorID":
                if errors.count < mostErrors { errors.append(text) }
            case "NOTIFICATION/Form":
                if let result, result.utf8.count == 1 { results[result, default: 0] += 1 }
                if result == "0", refused.count < mostRefused {
                    refused.append(Notification.Refused(ticket: ticket, errors: errors))
                }
                (ticket, result, errors) = (nil, nil, [])
            default: break
            }
        }
        guard !results.isEmpty else { throw AnswerXML.Fault("it is no notification") }
        return Notification(results: results, refused: refused)
    }
}
