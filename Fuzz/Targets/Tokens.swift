internal import Foundation

@testable internal import WebChannel

extension FuzzTarget {
    /// The text of a client assertion.
    ///
    /// Proves: a token taken apart is, put together again, the text it was; one whose claims pass is for us alone, has
    /// begun, has not expired, and lives no longer than allowed.
    static let tokens = FuzzTarget(name: "tokens", longest: 9000) {
        let claims = [
            "{\"iss\":\"e_006400\",\"sub\":\"e_006400\",\"aud\":\"a\",\"jti\":\"j\",\"iat\":1800000000,\"exp\":1800000300}",
            "{\"iss\":\"\",\"sub\":\"\",\"aud\":[\"a\"],\"jti\":\"1\",\"iat\":1.8e9,\"exp\":1800000299.5,\"nbf\":1799999999}",
            "{\"iss\":1,\"sub\":null,\"aud\":[]}",
        ]
        let headers = ["{\"alg\":\"ES256\",\"kid\":\"k\"}", "{\"alg\":\"none\",\"crit\":[\"exp\"]}"]
        return headers.flatMap { header in
            claims.map {
                Array("\(Base64URL.text(of: header.utf8)).\(Base64URL.text(of: $0.utf8)).c2ln".utf8)
            }
        } + claims.map { [0x7B] + Array($0.utf8) }
    } prove: { input in
        // Behind a brace the claims stand bare, so that a change of one letter is one of the JSON.
        if input.first == 0x7B { return judge(claims: Array(input.dropFirst())) }
        let text = String(decoding: input, as: UTF8.self)
        guard let token = CompactToken(text) else { return }
        hold(text.utf8.count <= CompactToken.longest, "a token of \(text.utf8.count) bytes")
        let again = String(decoding: token.signed, as: UTF8.self) + "." + Base64URL.text(of: token.signature)
        hold(again.utf8.elementsEqual(text.utf8), "a token of two texts")
        judge(claims: token.payload)
    }

    private static func judge(claims json: [UInt8]) {
        let now = 1_800_000_000.0
        let policy = WebAccessPolicy()
        do {
            let claims = try JSONDecoder().decode(AssertionClaims.self, from: Data(json))
            try claims.judge(
                for: ["a"], under: policy, beginning: Date(timeIntervalSince1970: now - 3600),
                now: Date(timeIntervalSince1970: now))
            hold(claims.aud.words == ["a"] && claims.iss == claims.sub, "claims for another")
            hold(claims.exp > now - policy.clockSkew, "claims that have expired")
            hold(claims.iat <= now + policy.clockSkew, "claims of the future")
            hold(claims.exp - claims.iat <= policy.assertionLife, "claims that live too long")
        } catch let refusal as TokenRefusal {
            hold(!refusal.detail.isEmpty, "a refusal without a word")
        } catch {
            hold(!AssertionClaims.complaint(about: error).isEmpty, "a fault without a word")
        }
    }
}
