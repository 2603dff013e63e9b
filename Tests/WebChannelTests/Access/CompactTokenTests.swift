import Foundation
import Testing

@testable import WebChannel

@Suite struct CompactTokenTests {
    private func token(_ header: String, _ payload: String = "{}", signature: String = "c2ln") -> String {
        Assertion.text(of: header.utf8) + "." + Assertion.text(of: payload.utf8) + "." + signature
    }

    @Test func `a token is taken apart`() throws {
        let token = try #require(CompactToken(token(#"{"alg":"ES256","kid":"k"}"#, #"{"a":1}"#)))
        #expect(token.header.alg == "ES256")
        #expect(token.header.kid == "k")
        #expect(String(decoding: token.payload, as: UTF8.self) == #"{"a":1}"#)
        #expect(String(decoding: token.signature, as: UTF8.self) == "sig")
        #expect(!token.signed.contains(0x0A))
    }

    @Test(arguments: [
        "", ".", "..", "a.b", "a.b.c.d", "e30.e30.c2ln", "!!.e30.c2ln",
    ])
    func `what is no token is refused`(text: String) {
        #expect(CompactToken(text) == nil)
    }

    @Test(arguments: [
        #"{"alg":"ES256","crit":["b64"],"b64":false}"#, #"{"alg":"ES256","crit":[]}"#,
        #"{"alg":"ES256","crit":null}"#,
        #"{"alg":1}"#, #"["ES256"]"#, "{",
    ])
    func `a header that is none, or wants what we do not know, is refused`(header: String) {
        #expect(CompactToken(token(header)) == nil)
    }

    @Test func `padding, the other alphabet and stray bits are refused`() {
        let good = token(#"{"alg":"ES256"}"#)
        #expect(CompactToken(good) != nil)
        #expect(CompactToken(good + "=") == nil)
        #expect(CompactToken(token(#"{"alg":"ES256"}"#, signature: "a+/b")) == nil)
        #expect(CompactToken(token(#"{"alg":"ES256"}"#, signature: "QR")) == nil)
    }

    @Test func `a token of more than 8 KiB is refused`() {
        let long = String(repeating: "a", count: 4 * 2000)
        #expect(CompactToken(token(#"{"alg":"ES256"}"#, signature: long)) != nil)
        #expect(CompactToken(token(#"{"alg":"ES256"}"#, signature: long + long.prefix(200))) == nil)
    }
}
