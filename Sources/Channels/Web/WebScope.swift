/// One thing an access token allows: `scope:<application>:set:send` or `scope:<application>:set:consult`, the form
/// of the administration's REST services (domain section 4).
public struct WebScope: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// What may be done with sets.
    public enum Right: String, Sendable, Hashable, CaseIterable {
        /// Handing over sets.
        case send
        /// Reading what became of sets, and their answers; confirming and removing those.
        case consult
    }

    /// The code of an application, such as `dmfa`.
    public let application: String
    /// What may be done with its sets.
    public let right: Right

    /// - Parameter application: a code of the catalogue; not looked up here.
    public init(_ right: Right, for application: String) {
        self.application = application
        self.right = right
    }

    /// Nil unless `text` has the form above.
    public init?(_ text: some StringProtocol) {
        let pieces = text.split(separator: ":", omittingEmptySubsequences: false)
        guard pieces.count == 4, pieces[0] == "scope", !pieces[1].isEmpty, pieces[2] == "set",
            let right = Right(rawValue: String(pieces[3]))
        else { return nil }
        application = String(pieces[1])
        self.right = right
    }

    /// As in a token.
    public var description: String { "scope:\(application):set:\(right.rawValue)" }

    /// By the text, so that scopes are always written in one order.
    public static func < (left: WebScope, right: WebScope) -> Bool {
        left.description < right.description
    }
}
