import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct RequestFieldTests {
    @Test(arguments: [
        (["wait=10"], 10), (["respond-async, wait = 5"], 5), (["wait=600"], 60), (["WAIT=3;x=y"], 3),
        (["a", "wait=7"], 7),
        (["wait=4, wait=9"], 4),
    ])
    func `the first wait asked for counts, up to a minute`(fields: [String], seconds: Int) {
        #expect(Preference(fields).wait == seconds)
        #expect(Preference(fields).applied == "wait=\(seconds)")
    }

    @Test(arguments: [
        [], ["wait"], ["wait=0"], ["wait=-1"], ["wait=1.5"], ["wait=99999999999999999999"], ["await=3"],
    ])
    func `nonsense is no preference`(fields: [String]) {
        #expect(Preference(fields).wait == nil)
        #expect(Preference(fields).applied == nil)
    }

    @Test func `a key is the sender's own, quoted or not`() throws {
        let sender = try #require(SenderNumber("006400"))
        let other = try #require(SenderNumber("006401"))
        let key = try #require(IdempotencyKey("\"abc\"", of: sender))
        #expect(key.mark.text == "web:006400:abc")
        #expect(IdempotencyKey("abc", of: sender) == key)
        #expect(IdempotencyKey("abc", of: other) != key)
        #expect(IdempotencyKey(String(repeating: "a", count: 200), of: sender) != nil)
    }

    @Test(arguments: ["", "\"\"", "a b", "é", "a\u{7F}", String(repeating: "a", count: 201)])
    func `a key that is none is refused`(text: String) throws {
        #expect(IdempotencyKey(text, of: try #require(SenderNumber("006400"))) == nil)
    }

    @Test func `a fingerprint knows names, bytes and nothing else`() throws {
        let name = try #require(FileName("GO.DMFA.006400.20230420.00001.R.1"))
        let one = try #require(FileName("FI.1"))
        let two = try #require(FileName("FI.2"))
        let some = Digest(sha256Of: [1])
        let other = Digest(sha256Of: [2])
        let digest = HandoverFingerprint(name: name, parts: [one: some, two: other]).digest
        #expect(HandoverFingerprint(name: name, parts: [two: other, one: some]).digest == digest)
        #expect(HandoverFingerprint(name: name, parts: [one: other, two: some]).digest != digest)
        #expect(HandoverFingerprint(name: name, parts: [one: some]).digest != digest)
        #expect(HandoverFingerprint(name: one, parts: [one: some, two: other]).digest != digest)
    }

    @Test func `a field with parameters is read, and only once each`() {
        let field = ParameterisedField(#"Multipart/Form-Data ; boundary="a b"; charset=utf-8;"#.utf8)
        #expect(field?.value == "multipart/form-data")
        #expect(field?.parameters == ["boundary": Array("a b".utf8), "charset": Array("utf-8".utf8)])
        for text in ["", ";", "a;b", "a;b=\"c", "a;b=c;b=d", "a b", "a;=c", "a; b=c d"] {
            #expect(ParameterisedField(text.utf8) == nil, "\(text)")
        }
    }

    @Test func `tags are compared one by one`() {
        let tag = EntityTag("abc")
        for field in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] { #expect(tag.isIn(field)) }
        for field in ["abc", "\"abcd\"", ""] { #expect(!tag.isIn(field)) }
        #expect(!tag.isIn(nil))
    }

    @Test func `an occasion that came before anybody waited is not missed`() async {
        let occasion = Occasion()
        occasion.come()
        occasion.come()
        await occasion.wait()
    }

    @Test func `a cancelled task stops waiting for its occasion`() async {
        let occasion = Occasion()
        let task = Task { await occasion.wait() }
        task.cancel()
        await task.value
    }
}
