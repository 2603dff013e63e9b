import Exchange
import Testing

@testable import WebChannel

@Suite struct WebThreadsTests {
    @Test func `what was begun is waited for, also by a cancelled task`() async throws {
        let threads = WebThreads(count: 1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await threads.run { 42 }
        }
        #expect(try await task.value == 42)
    }

    @Test func `errors and completions reach the caller`() async {
        let threads = WebThreads(count: 2)
        await #expect(throws: HomeFault.outOfSpace) { try await threads.run { throw HomeFault.outOfSpace } }
        await #expect(throws: HomeFault.superseded) {
            try await threads.settled { $0(.failure(.superseded)) }
        }
        await #expect(throws: Never.self) { try await threads.settled { $0(.success(())) } }
    }
}
