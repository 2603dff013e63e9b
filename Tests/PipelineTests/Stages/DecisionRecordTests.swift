import Exchange
import Foundation
import Testing

@testable import Pipeline

struct DecisionRecordTests {
    @Test func `a record comes back from its JSON as it was`() throws {
        var (_, record, _) = try Evidence.accepted()
        record.repeats = Fixtures.ticket(7)
        record.checks = [
            .init(phase: "name", rule: "r", inputs: ["a": "ü/\"\n"], verdict: .passed, findings: []),
            .init(
                phase: "document", rule: "s", inputs: [:], verdict: .refused,
                findings: [
                    Finding(
                        .invalidAgainstSchema, file: try Fixtures.name("FI x"),
                        place: .init(line: 3, column: 7, path: "/Dimona/Form[2]"), detail: "x")
                ]),
        ]
        let json = try record.json()
        let back = try DecisionRecord(json: json)
        #expect(try back.json() == json)
        #expect(
            back.ticket == record.ticket && back.verdict == record.verdict && back.repeats == record.repeats)
        #expect(back.receivedAt == record.receivedAt && back.decidedAt == record.decidedAt)
        #expect(back.findings == record.findings)
        #expect(back.signatures == record.signatures && back.documents == record.documents)
        #expect(back.policy == record.policy)
        #expect(back.purpose == record.purpose && back.environment == record.environment)
    }

    @Test func `times keep their milliseconds`() throws {
        let record = try Fixtures.record(.accepted, at: Fixtures.noon + 0.125)
        #expect(try DecisionRecord(json: record.json()).decidedAt == Fixtures.noon + 0.125)
    }

    @Test(arguments: ["", "{}", "[]", "{\"ticket\":\"0380000000000\"}"])
    func `what is no record is not read as one`(json: String) {
        #expect(throws: (any Error).self) { try DecisionRecord(json: json) }
    }

    @Test func `a receipt tells each code once, in the order they were found`() throws {
        let codes: [ReceptionCode] = [.noForm, .notAForm, .noForm, .schemaUnknown]
        let record = try Fixtures.record(.refused, codes)
        #expect(record.codes == [.noForm, .notAForm, .schemaUnknown])
    }
}
