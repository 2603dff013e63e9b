internal import Exchange
internal import Foundation

/// A token of ours: who may do what, until when, and by which certificate (RFC 9068).
struct AccessToken: Codable, Sendable, Hashable {
    let iss: String
    let aud: String
    let sub: String
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let client_id: String
    let scope: String
    /// Seconds since 1970, as is `exp`.
    let iat: Int
    let exp: Int
    let jti: String
    /// SHA-256 of the certificate whose key asked for the token; with that it ends.
    let certificate: String

    enum Fault: Error, Sendable, Hashable {
        /// No token of ours, or not of this run.
        case foreign
        /// Says it is ours and is not.
        case forged
        case expired
    }

    /// In compact form.
    func signed(by key: AccessTokenKey) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header: JSONValue = ["alg": "ES256", "kid": .string(key.name), "typ": "at+jwt"]
        let text = Base64URL.text(of: header.text.utf8) + "." + Base64URL.text(of: try encoder.encode(self))
        return text + "." + Base64URL.text(of: key.signature(of: Array(text.utf8)))
    }

    /// What a token of ours says that is good now.
    static func read(_ text: some StringProtocol, key: AccessTokenKey, issuer: String, now: Date)
        throws(Fault)
        -> AccessToken
    {
        guard let token = CompactToken(text), token.header.alg == "ES256", token.header.kid == key.name else {
            throw .foreign
        }
        guard key.verifies(token.signature, of: token.signed) else { throw .forged }
        guard let claims = try? token.claims(as: AccessToken.self), claims.iss == issuer, claims.aud == issuer
        else {
            throw .foreign
        }
        guard now.timeIntervalSince1970 < Double(claims.exp) else { throw .expired }
        return claims
    }

    /// The scopes, as they were given.
    var scopes: Set<WebScope> { Set(scope.split(separator: " ").compactMap { WebScope($0) }) }
}
