internal import Hummingbird

/// Which page of the list of answers is asked for.
struct AnswerQuery: Hashable, Sendable {
    static let usualLimit = 100
    static let largestLimit = 1000

    /// Of the last answer seen; 0 begins.
    var cursor: Int64 = 0
    var limit = AnswerQuery.usualLimit
    var isUnconfirmedOnly = false

    init() {}

    /// - Parameter parameters: of the query, decoded.
    init(_ parameters: Parameters) throws(Problem) {
        if let text = parameters.get("cursor") {
            guard let cursor = AnswerQuery.cursor(text) else {
                throw .malformed("The cursor must be one that a list of answers gave.")
            }
            self.cursor = cursor
        }
        if let text = parameters.get("limit") {
            guard let limit = Int(text), (1...AnswerQuery.largestLimit).contains(limit) else {
                throw .malformed("The limit must be 1 to \(AnswerQuery.largestLimit).")
            }
            self.limit = limit
        }
        if let text = parameters.get("unconfirmed") {
            guard let isUnconfirmedOnly = Bool(text) else {
                throw .malformed("The parameter unconfirmed must be true or false.")
            }
            self.isUnconfirmedOnly = isUnconfirmedOnly
        }
    }

    /// The page behind `cursor`, relative to the service.
    func next(after cursor: Int64) -> String {
        "/v1/answers?cursor=\(AnswerQuery.text(of: cursor))&limit=\(limit)&unconfirmed=\(isUnconfirmedOnly)"
    }

    /// A cursor as text that says nothing to whoever keeps it.
    static func text(of cursor: Int64) -> String {
        "c" + String(cursor, radix: 36)
    }

    private static func cursor(_ text: String) -> Int64? {
        guard text.hasPrefix("c"), let cursor = Int64(text.dropFirst(), radix: 36), cursor >= 0,
            AnswerQuery.text(of: cursor) == text
        else { return nil }
        return cursor
    }
}
