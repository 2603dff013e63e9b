import Testing

@testable import Pipeline

struct PauseTests {
    @Test(arguments: [(0, 1.0), (1, 2), (2, 4), (3, 8), (8, 256)])
    func `pauses double with every attempt and carry at most a quarter of jitter`(attempt: Int, least: Double)
    {
        for _ in 0..<100 {
            let pause = RetryPauses().pause(after: attempt)
            #expect(pause >= least && pause <= least * 1.25)
        }
    }

    @Test(arguments: [9, 10, 63, 64, Int.max])
    func `no pause is longer than five minutes and its jitter`(attempt: Int) {
        for _ in 0..<100 {
            let pause = RetryPauses().pause(after: attempt)
            #expect(pause >= 300 && pause <= 375)
        }
    }

    @Test(arguments: [0, 1, 9, Int.max])
    func `the longest pause can be set, to a second at the least`(attempt: Int) {
        #expect(RetryPauses(longest: 1).pause(after: attempt) <= 1.25)
        #expect(RetryPauses(longest: 0).pause(after: attempt) >= 1)
    }

    @Test func `an impossible attempt counts as the first`() {
        #expect(RetryPauses().pause(after: -1) <= 1.25)
        #expect(RetryPauses().pause(after: Int.min) <= 1.25)
    }

    @Test func `two sets postponed together do not come back together`() {
        let pauses = Set((0..<32).map { _ in RetryPauses().pause(after: 3) })
        #expect(pauses.count > 1)
    }
}
