import Foundation
import Testing

@testable import Pipeline

struct RefreshPolicyTests {
    @Test func `what was fetched together is fetched again about half way, and not together`() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let times = (0..<100).map { _ in RefreshPolicy().next(from: now, usableUntil: now + 1000) }
        #expect(times.allSatisfy { (400...600).contains($0.timeIntervalSince(now)) })
        #expect(Set(times).count > 50)
    }

    @Test func `a status that ends soon is not asked for again and again`() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(RefreshPolicy().next(from: now, usableUntil: now + 1).timeIntervalSince(now) == 5)
    }
}
