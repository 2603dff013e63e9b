internal import Channels
internal import Foundation
internal import Synchronization
internal import Validation

/// The access token of a sender, asked for when needed and kept as long as it lives. Any thread may call.
final class AccessTokens: Sendable {
    private struct Token {
        let text: String
        let endsAt: Double
    }

    /// The members of RFC 6749 section 5.1 that matter.
    private struct Grant: Decodable {
        let access_token: String
        let expires_in: Double?
    }

    /// Seconds an assertion lives; and seconds before its end a token is not used any more.
    private static let assertionLife = 60
    private static let margin = 10.0
    private static let usualLife = 60.0
    private static let longestToken = 16_384

    private let key: SigningKey
    private let clientID: String
    private let address: String
    private let audience: String
    private let client: HTTPSClient
    private let timing: Timing
    private let token = Mutex<Token?>(nil)

    init(
        key: SigningKey, clientID: String, base: String, audience: String?, client: HTTPSClient,
        timing: Timing
    ) {
        self.key = key
        self.clientID = clientID
        address = base + "/v1/oauth/token"
        self.audience = audience ?? address
        self.client = client
        self.timing = timing
    }

    /// A token that still lives.
    func current() throws(RemoteFault) -> String {
        let now = timing.now()
        if let known = token.withLock({ $0 }), now < known.endsAt { return known.text }
        let grant = try ask()
        let life = max(0, (grant.expires_in ?? AccessTokens.usualLife) - AccessTokens.margin)
        token.withLock { $0 = Token(text: grant.access_token, endsAt: now + life) }
        return grant.access_token
    }

    /// The service did not take this one: another is asked for the next time.
    func forget(_ text: String) {
        token.withLock { if $0?.text == text { $0 = nil } }
    }

    private func ask() throws(RemoteFault) -> Grant {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        guard let request = HTTPSRequest("POST", address, headers: headers.map { (name: $0.0, value: $0.1) })
        else {
            throw RemoteFault(.notAllowed, "\(Shown.text(address)) is no address of a web service")
        }
        // Nothing in it needs to be escaped: base64url, dots, letters, digits, `_`, `-` and `:` as %3A.
        let form =
            "grant_type=client_credentials"
            + "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
            + "&client_assertion=" + (try assertion())
        let response = try client.send(request, body: .bytes(Array(form.utf8)))
        guard response.isSuccess else { throw WebRefusal.fault(response, asking: "the request for a token") }
        guard let grant = try? JSONDecoder().decode(Grant.self, from: Data(response.body)),
            (1...AccessTokens.longestToken).contains(grant.access_token.utf8.count),
            grant.access_token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw RemoteFault(.garbled, "the service gave no token that can be read") }
        return grant
    }

    private struct Header: Encodable {
        let alg: String
        let typ = "JWT"
    }

    private struct Claims: Encodable {
        let iss: String
        let sub: String
        let aud: String
        let jti: String
        let iat: Int
        let exp: Int
    }

    private func assertion() throws(RemoteFault) -> String {
        do {
            guard let scheme = key.webScheme else {
                throw KeyFault.schemeNotOfKey("The key is on a curve that signs no assertions.")
            }
            let now = Int(Date().timeIntervalSince1970)
            let claims = Claims(
                iss: clientID, sub: clientID, aud: audience, jti: UUID().uuidString, iat: now,
                exp: now + AccessTokens.assertionLife)
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            let parts = [try encoder.encode(Header(alg: scheme.rawValue)), try encoder.encode(claims)]
            let signed = parts.map(AccessTokens.base64URL).joined(separator: ".")
            let signature = try key.webSignature(over: Array(signed.utf8), scheme)
            return signed + "." + AccessTokens.base64URL(Data(signature))
        } catch {
            throw RemoteFault(.notAllowed, "no assertion can be signed: \(error)")
        }
    }

    /// RFC 4648 section 5, without padding.
    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }
}
