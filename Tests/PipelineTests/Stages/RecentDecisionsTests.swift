import Exchange
import Foundation
import Testing

@testable import Pipeline

@Suite struct RecentDecisionsTests {
    @Test func `a record is given out once, and only as what is stored of it`() throws {
        let recent = RecentDecisions()
        let record = try Evidence.accepted().record
        let json = try record.json()
        var other = record
        other.application = "another"
        recent.keep(other, written: json)
        #expect(try recent.record(of: record.ticket, written: json).application == "another")
        #expect(try recent.record(of: record.ticket, written: json).application == record.application)
        recent.keep(other, written: try other.json())
        #expect(try recent.record(of: record.ticket, written: json).application == record.application)
        #expect(throws: (any Error).self) { try recent.record(of: record.ticket, written: "no record") }
    }
}
