import Foundation
import Testing

@testable import WebChannel

@Suite struct AccessTokenTests {
    private let issuer = "https://exchange.example"
    private let now = Date(timeIntervalSince1970: 1_767_222_000)

    private func token(of sender: String, for issuer: String? = nil, until end: Int = 300) -> AccessToken {
        let begin = Int(now.timeIntervalSince1970)
        return AccessToken(
            iss: issuer ?? self.issuer, aud: issuer ?? self.issuer, sub: sender, client_id: sender, scope: "",
            iat: begin, exp: begin + end, jti: UUID().uuidString,
            certificate: String(repeating: "0", count: 64))
    }

    private func outcome(_ text: String, _ key: AccessTokenKey) -> Result<AccessToken, AccessToken.Fault> {
        Result { () throws(AccessToken.Fault) in
            try AccessToken.read(text, key: key, issuer: issuer, now: now)
        }
    }

    @Test func `a token is good as it was signed, and in no other form`() throws {
        let key = AccessTokenKey()
        let (mine, other) = (token(of: "006400"), token(of: "006401"))
        let text = try mine.signed(by: key)
        #expect(outcome(text, key) == .success(mine))
        let parts = text.split(separator: ".")
        let others = try other.signed(by: key).split(separator: ".")
        for forged in [
            // The claims of another token, of the other signature, and a signature of nothing.
            [parts[0], others[1], parts[2]], [parts[0], parts[1], others[2]],
            [parts[0], parts[1], Substring(Base64URL.text(of: [UInt8](repeating: 0, count: 64)))],
        ] {
            #expect(outcome(forged.joined(separator: "."), key) == .failure(.forged))
        }
        // Another key, under the name of this one.
        let stranger = try mine.signed(by: AccessTokenKey()).split(separator: ".")
        let named = [parts[0], stranger[1], stranger[2]].joined(separator: ".")
        #expect(outcome(named, key) == .failure(.forged))
        #expect(outcome(stranger.joined(separator: "."), key) == .failure(.foreign))
        #expect(
            outcome(try token(of: "006400", for: "https://other.example").signed(by: key), key)
                == .failure(.foreign))
        #expect(outcome(try token(of: "006400", until: 0).signed(by: key), key) == .failure(.expired))
    }
}
