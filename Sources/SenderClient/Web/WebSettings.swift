public import Channels
internal import Exchange
public import Validation

/// A web service and how a sender proves itself there.
public struct WebSettings: Sendable {
    /// What stands for a log-in.
    public enum Proof: Sendable {
        /// An access token, asked for with an assertion that the key of a registered certificate signs (RFC 7523).
        case assertion(SigningKey, clientID: String)
        /// A registered certificate shown in the TLS handshake.
        case certificate(HTTPSSettings.Identity)
    }

    /// `https://host:port/base`, without a slash at its end.
    public var base: String
    public var proof: Proof
    /// What the assertion is for; nil for the token address under `base`. Needed where the service knows itself by
    /// another address. Never taken from the service: an assertion for one could be used by it at another.
    public var audience: String?
    public var trust = CurlTrust()

    public init(base: String, proof: Proof) {
        self.base = base
        self.proof = proof
    }

    /// The client number of a sender that asked for no other.
    ///
    /// - Parameter sender: six digits.
    public static func usualClientID(of sender: String) -> String { "ecluse_" + sender }
}
