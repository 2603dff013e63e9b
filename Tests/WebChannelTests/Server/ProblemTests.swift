import Exchange
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import WebChannel

@Suite struct ProblemTests {
    private func object(_ problem: Problem, in language: Language = .en) throws -> [String: Any] {
        let text = problem.document(in: language, request: "r1").text
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `a problem is a document of RFC 9457`() throws {
        let document = try object(.notFound("There is no \"such\" \n resource."))
        #expect(document["type"] as? String == "/v1/docs#problem-not-found")
        #expect(document["title"] as? String == "There is nothing here")
        #expect(document["status"] as? Int == 404)
        #expect(document["detail"] as? String == "There is no \"such\" \n resource.")
        #expect(document["instance"] as? String == "urn:ecluse:request:r1")
        #expect(document["code"] as? String == "not-found")
        #expect(document["codes"] == nil)
        let (fields, body) = Problem.notFound("x").content(in: .en, request: "r1")
        #expect(fields[.contentType] == "application/problem+json")
        #expect(fields[.contentLength] == String(body.readableBytes))
        #expect(fields[.cacheControl] == "no-store")
    }

    @Test(arguments: Language.allCases)
    func `reception codes come with sentence and mend in the language asked for`(language: Language) throws {
        let file = try #require(FileName("FI.DMFA.006400"))
        let problem = Problem.unprocessable(
            "Not this set.", [.init(.malformedTriggerName, file: file), .init(.noDeclaration)])
        let codes = try #require(try object(problem, in: language)["codes"] as? [[String: Any]])
        #expect(codes.count == 2)
        #expect(codes[0]["code"] as? String == "ACRF-107")
        #expect(codes[0]["sentence"] as? String == ReceptionCode.malformedTriggerName.sentence(in: language))
        #expect(codes[0]["mend"] as? String == ReceptionCode.malformedTriggerName.mend(in: language))
        #expect(codes[0]["file"] as? String == "FI.DMFA.006400")
        #expect(codes[1]["file"] is NSNull)
        let (fields, _) = problem.content(in: language, request: "r1")
        #expect(fields[.contentLanguage] == language.rawValue)
    }

    @Test func `who must wait or prove itself is told how`() {
        #expect(Problem.tooMany("x", retryAfter: 7).headers[.retryAfter] == "7")
        #expect(Problem.unavailable("x", retryAfter: 0).headers[.retryAfter] == "1")
        #expect(Problem.unauthenticated("x").headers[.wwwAuthenticate] == "Bearer realm=\"ecluse\"")
    }

    @Test func `control characters in a document are escaped`() {
        let text = (["a\u{1}": "\u{0}\u{7F}\u{2028}\\\"é"] as JSONValue).text
        #expect(text == #"{"a\u0001":"\u0000\u007f\u2028\\\"é"}"#)
    }
}
