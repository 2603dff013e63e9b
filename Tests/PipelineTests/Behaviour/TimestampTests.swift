import Foundation
import Testing

@testable import Pipeline

@Suite struct TimestampTests {
    /// Foundation cuts milliseconds off where a double lies a little below them: half of all did.
    @Test func `every millisecond is written as it was read`() throws {
        for millisecond in 0..<1000 {
            let text = "2026-01-01T00:00:07." + "00\(millisecond)".suffix(3) + "Z"
            #expect(try Date(timestamp: text).timestamp == text)
        }
    }

    @Test func `a time between two milliseconds is written as the nearer one`() {
        let second = Date(timeIntervalSince1970: 1_767_225_607)
        #expect((second + 0.0004).timestamp == "2026-01-01T00:00:07.000Z")
        #expect((second + 0.0006).timestamp == "2026-01-01T00:00:07.001Z")
        #expect((second - 0.0004).timestamp == "2026-01-01T00:00:07.000Z")
    }
}
