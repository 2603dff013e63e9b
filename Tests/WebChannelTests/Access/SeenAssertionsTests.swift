import Exchange
import Foundation
import Testing

@testable import WebChannel

@Suite struct SeenAssertionsTests {
    private let sender = TestService.sender
    private let start = Date(timeIntervalSince1970: 0)

    @Test func `an assertion is new once, for each sender`() {
        let seen = SeenAssertions()
        #expect(seen.note("a", of: sender, until: start + 10, now: start) == .new)
        #expect(seen.note("a", of: sender, until: start + 10, now: start + 9) == .seen)
        #expect(seen.note("b", of: sender, until: start + 10, now: start) == .new)
        #expect(seen.note("a", of: TestService.otherSender, until: start + 10, now: start) == .new)
        #expect(seen.note("a", of: sender, until: start + 20, now: start + 10) == .new)
    }

    @Test func `memory is bounded by sender, and never gives up one that could still be used`() {
        let seen = SeenAssertions()
        for number in 0..<SeenAssertions.most {
            #expect(seen.note("\(number)", of: sender, until: start + 10, now: start) == .new)
        }
        #expect(seen.note("x", of: sender, until: start + 10, now: start) == .full)
        #expect(seen.note("0", of: sender, until: start + 10, now: start) == .seen)
        #expect(seen.note("x", of: TestService.otherSender, until: start + 10, now: start) == .new)
        #expect(seen.note("x", of: sender, until: start + 20, now: start + 10) == .new)
    }
}
