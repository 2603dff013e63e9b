internal import Synchronization

/// What senders reach the service by; known once it listens, when the configuration leaves it open.
final class PublicAddress: Sendable {
    static let tokenPath = "/v1/oauth/token"

    private let content: Mutex<String>

    init(_ url: String) {
        content = Mutex(url)
    }

    /// Without a slash at its end. Issuer and audience of access tokens.
    var url: String {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }

    var tokenURL: String { url + PublicAddress.tokenPath }
}
