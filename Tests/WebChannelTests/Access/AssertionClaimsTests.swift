import Foundation
import Testing

@testable import WebChannel

@Suite struct AssertionClaimsTests {
    private static let now = 1_800_000_000.0
    private static let audience = "https://ecluse.example/v1/oauth/token"

    private func judge(_ change: [String: Any?], beginning: Double = now - 3600) throws {
        var claims: [String: Any] = [
            "iss": "ecluse_006400", "sub": "ecluse_006400", "aud": Self.audience, "jti": "j", "iat": Self.now,
            "exp": Self.now + 300,
        ]
        for (name, value) in change { claims[name] = value }
        let decoded = try JSONDecoder().decode(
            AssertionClaims.self, from: JSONSerialization.data(withJSONObject: claims))
        try decoded.judge(
            for: [Self.audience, "https://ecluse.example"], under: WebAccessPolicy(),
            beginning: Date(timeIntervalSince1970: beginning), now: Date(timeIntervalSince1970: Self.now))
    }

    @Test func `a right assertion passes, with the issuer as audience too`() throws {
        try judge([:])
        try judge(["aud": "https://ecluse.example"])
        try judge(["aud": [Self.audience]])
        try judge(["iat": Self.now + 29, "exp": Self.now + 300, "nbf": Self.now + 29])
        try judge(["iat": Self.now - 329, "exp": Self.now - 29])
    }

    @Test(arguments: [
        ("sub", "ecluse_006401"), ("aud", "https://elsewhere.example"), ("jti", ""),
        ("jti", String(repeating: "j", count: 257)),
    ])
    func `wrong words are refused`(name: String, value: String) {
        #expect(throws: TokenRefusal.self) { try judge([name: value]) }
    }

    @Test func `several audiences, and none, are refused`() {
        #expect(throws: TokenRefusal.self) {
            try judge(["aud": [Self.audience, "https://elsewhere.example"]])
        }
        #expect(throws: TokenRefusal.self) { try judge(["aud": [String]()]) }
    }

    @Test(arguments: [
        ["iat": now + 31, "exp": now + 100], ["nbf": now + 31], ["exp": now + 301],
        ["iat": now - 300, "exp": now - 31], ["iat": now, "exp": now], ["iat": now, "exp": now - 1],
        ["exp": 1e300],
        ["iat": -1e300],
    ])
    func `wrong times are refused`(change: [String: Double]) {
        #expect(throws: TokenRefusal.self) { try judge(change) }
    }

    @Test(arguments: ["iss", "sub", "aud", "jti", "iat", "exp"])
    func `every claim is needed`(name: String) {
        let fault = #expect(throws: DecodingError.self) { try judge([name: nil as Any?]) }
        #expect(fault.map(AssertionClaims.complaint) == "The assertion has no claim \(name).")
    }

    @Test(arguments: ["iss", "sub", "aud", "jti", "iat", "exp", "nbf"], ["{}", "[1]", "null"])
    func `a claim of another type is named`(name: String, value: String) throws {
        guard name != "nbf" || value != "null" else { return }
        var claims = [
            "iss": "\"a\"", "sub": "\"a\"", "aud": "\"a\"", "jti": "\"a\"", "iat": "1", "exp": "1",
            "nbf": "1",
        ]
        claims[name] = value
        let text = "{" + claims.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        let fault = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(AssertionClaims.self, from: Data(text.utf8))
        }
        #expect(
            fault.map(AssertionClaims.complaint) == "The claim \(name) of the assertion is not of its type.")
    }

    @Test func `what was issued before this service began is refused`() throws {
        try judge(["iat": Self.now - 10, "exp": Self.now + 9], beginning: Self.now - 10)
        #expect(throws: TokenRefusal.self) {
            try judge(["iat": Self.now - 10, "exp": Self.now + 9], beginning: Self.now - 9.9)
        }
    }
}
