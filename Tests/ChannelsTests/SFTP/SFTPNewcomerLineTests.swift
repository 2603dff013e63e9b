import Testing

@testable import Channels

@Suite struct SFTPNewcomerLineTests {
    @Test func `a few have their turn, in the order they came, and nobody waits twice`() {
        var line = SFTPNewcomerLine()
        for id: UInt64 in [1, 2, 3, 1, 4, 5, 6, 2] { line.add(id) }
        #expect(line.take() == [1, 2, 3, 4])
        #expect(!line.isEmpty)
        line.add(1)
        #expect(line.take() == [5, 6, 1])
        #expect(line.isEmpty)
        #expect(line.take().isEmpty)
    }

    @Test func `those who are ready again and again keep nobody waiting`() {
        var line = SFTPNewcomerLine()
        var served: Set<UInt64> = []
        for _ in 0..<25 {
            for id: UInt64 in 0..<100 { line.add(id) }
            served.formUnion(line.take())
        }
        #expect(served.count == 100)
    }
}
