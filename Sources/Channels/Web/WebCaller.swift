public import Exchange

/// Who is behind a request of the web service, proven.
public struct WebCaller: Sendable, Hashable {
    /// By what the caller is known.
    public enum Proof: String, Sendable, Hashable {
        /// An access token of ours.
        case token
        /// The registered certificate, shown in the TLS handshake.
        case certificate
    }

    /// On whose behalf everything is done.
    public let sender: SenderNumber
    /// By what it was proven.
    public let proof: Proof
    /// What the caller may do: with a token what its scope says and the sender is still registered for, with a
    /// certificate everything for all applications of the sender's web channel.
    public let scopes: Set<WebScope>

    /// A caller whose proof stands; nothing is checked here.
    public init(sender: SenderNumber, proof: Proof, scopes: Set<WebScope>) {
        self.sender = sender
        self.proof = proof
        self.scopes = scopes
    }

    /// Codes of the applications the caller may do this for.
    public func applications(for right: WebScope.Right) -> Set<String> {
        Set(scopes.filter { $0.right == right }.map(\.application))
    }
}
