public import struct Foundation.TimeInterval

/// Where it is learnt whether what an authority issued was revoked, and how old that knowledge may be.
public struct StatusSource: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Lists that the operator brings as files.
        case file
        /// A list that is fetched.
        case list = "crl"
        /// A responder that is asked about each certificate (OCSP, RFC 6960).
        case responder = "ocsp"
    }

    public let kind: Kind
    /// Begins with `http://` or `https://`; nil for files, and for files only.
    public let url: String?
    /// Seconds for which a status may be used after it was learnt; nil for as long as the list itself says, which is for
    /// files only.
    public let ageLimit: TimeInterval?

    /// In seconds, for what is fetched.
    public static let usualAgeLimit: TimeInterval = 86_400
    /// In whole seconds.
    public static let ageLimits: ClosedRange<TimeInterval> = 60...31 * 86_400

    /// Lists that the operator brings, each for as long as it says.
    public static let files = StatusSource(checked: .file, url: nil, ageLimit: nil)

    /// Nil unless the address is one that the kind wants, and the limit lies in `ageLimits`.
    public init?(_ kind: Kind, url: String?, ageLimit: TimeInterval?) {
        let isComplete =
            kind == .file ? url == nil : ageLimit != nil && url.map(StatusSource.isAddress) ?? false
        guard isComplete, ageLimit.map(StatusSource.ageLimits.contains) ?? true else { return nil }
        self.init(checked: kind, url: url, ageLimit: ageLimit)
    }

    private init(checked kind: Kind, url: String?, ageLimit: TimeInterval?) {
        self.kind = kind
        self.url = url
        self.ageLimit = ageLimit
    }

    /// Plain HTTP will do, because what comes is signed. No user, nothing that could speak for us in the protocol.
    private static func isAddress(_ url: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: url.hasPrefix), url.utf8.count <= 2000,
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C && $0 != 0x23 })
        else { return false }
        let host = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        return !host.isEmpty && !host.contains("@")
    }
}
