internal import Foundation

/// What a client assertion says (RFC 7523 section 3).
struct AssertionClaims: Decodable, Sendable {
    let iss: String
    let sub: String
    let aud: Audience
    let jti: String
    /// Seconds since 1970, as are the others.
    let iat: Double
    let exp: Double
    let nbf: Double?

    /// One word, or a list of words.
    struct Audience: Decodable, Sendable {
        let words: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            words = try (try? [container.decode(String.self)]) ?? container.decode([String].self)
        }
    }

    /// Which claim keeps an assertion from being read, for its maker.
    ///
    /// - Parameter error: what reading it threw.
    static func complaint(about error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "The assertion has no claim \(key.stringValue)."
        case DecodingError.typeMismatch(_, let place), DecodingError.valueNotFound(_, let place),
            DecodingError.dataCorrupted(let place):
            place.codingPath.first.map { "The claim \($0.stringValue) of the assertion is not of its type." }
                ?? "The claims of the assertion are no JSON object."
        default: "The claims of the assertion cannot be read."
        }
    }

    /// Judges everything but who signed.
    ///
    /// - Parameters:
    ///   - audiences: what the assertion may be for. It must be for one alone, lest it be used elsewhere too.
    ///   - beginning: of this service. What was issued before may have been used with an earlier run, which nobody
    ///     remembers. What was issued later was not: no run takes an assertion before its `iat` (`TokenDesk`).
    func judge(
        for audiences: Set<String>, under policy: WebAccessPolicy, beginning: Date, now: Date
    ) throws(TokenRefusal) {
        let now = now.timeIntervalSince1970
        guard iss == sub else { throw AssertionClaims.refusal("iss and sub of the assertion differ.") }
        guard aud.words.count == 1, audiences.contains(aud.words[0]) else {
            throw AssertionClaims.refusal("The assertion is for another audience, or for several.")
        }
        guard (1...256).contains(jti.utf8.count) else {
            throw AssertionClaims.refusal("The jti of the assertion has no bytes, or more than 256.")
        }
        guard iat <= now + policy.clockSkew, (nbf ?? iat) <= now + policy.clockSkew else {
            throw AssertionClaims.refusal("The assertion is of the future.")
        }
        guard now - policy.clockSkew < exp else {
            throw AssertionClaims.refusal("The assertion has expired.")
        }
        guard exp > iat, exp - iat <= policy.assertionLife else {
            throw AssertionClaims.refusal(
                "The assertion lives longer than \(Int(policy.assertionLife)) seconds.")
        }
        guard iat >= beginning.timeIntervalSince1970 else {
            throw AssertionClaims.refusal("The assertion is older than this service: make another.")
        }
    }

    private static func refusal(_ detail: String) -> TokenRefusal { TokenRefusal(.invalidClient, detail) }
}
