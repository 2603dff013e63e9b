import Exchange
import Testing

@testable import WebChannel

@Suite struct ShelfWatchTests {
    private let shelf = FakeShelf()

    private func place(_ cursor: Int64) -> ShelfWatch.Place {
        var query = AnswerQuery()
        query.cursor = cursor
        return ShelfWatch.Place(of: TestService.sender, query)
    }

    private var watch: ShelfWatch {
        ShelfWatch(
            WebExchange(
                intake: FakeIntake(), homes: FakeHomes(), reports: FakeReports(), shelf: shelf,
                applicationOf: { _ in nil }, threads: WebThreads(count: 1), waiting: WaitingRoom(seats: 1),
                bounds: WebExchange.Bounds(fileSize: 1, uploadRetention: 1)))
    }

    @Test func `who waits at one place is looked for once a round, however many there are`() async throws {
        let watch = watch
        let end = ContinuousClock.now + .seconds(600)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await watch.wait(at: place(5), until: end) }
            #expect(try await eventually { shelf.looks(after: 5) > 0 })
            for _ in 0..<20 { tasks.addTask { await watch.wait(at: place(0), until: end) } }
            #expect(try await eventually { shelf.looks(after: 0) > 2 })
            // In this order: a round may go on in between.
            let many = shelf.looks(after: 0)
            let one = shelf.looks(after: 5)
            #expect(many <= one)
            for number in 1...6 {
                shelf.publish(
                    "ACRF.999999.20260102.0000\(number).R", to: TestService.sender,
                    about: Ticket(.set, counter: 1))
            }
            try await tasks.waitForAll()
        }
    }

    @Test func `a wait ends with its time, and when the shelf cannot be read`() async throws {
        let watch = watch
        await watch.wait(at: place(0), until: .now)
        shelf.fail(with: .failed("locked"))
        await watch.wait(at: place(0), until: .now + .seconds(600))
        #expect(shelf.looks(after: 0) > 0)
    }
}
