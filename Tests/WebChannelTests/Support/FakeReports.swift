import Exchange
import Foundation
import Synchronization

/// What became of sets, in memory.
final class FakeReports: SetReports {
    private struct State {
        var reports: [Ticket: SetReport] = [:]
        var waiting: [Ticket: [Once]] = [:]
    }

    /// A completion that is called once, whoever is first.
    private final class Once: Sendable {
        private let completion: Mutex<(@Sendable () -> Void)?>

        init(_ completion: @escaping @Sendable () -> Void) {
            self.completion = Mutex(completion)
        }

        func callAsFunction() {
            completion.withLock { completion in
                defer { completion = nil }
                return completion
            }?()
        }
    }

    private let state = Mutex(State())

    /// Tells what became of a set, and wakes who waits when its receipt can be read.
    func tell(_ report: SetReport) {
        let waiting = state.withLock { state in
            state.reports[report.set.ticket] = report
            return report.receipt == nil ? [] : state.waiting.removeValue(forKey: report.set.ticket) ?? []
        }
        for completion in waiting { completion() }
    }

    /// Requests that wait for the answer to this set.
    func waiters(for ticket: Ticket) -> Int {
        state.withLock { $0.waiting[ticket]?.count ?? 0 }
    }

    func report(on ticket: Ticket, of sender: SenderNumber) throws(HomeFault) -> SetReport? {
        state.withLock { state in state.reports[ticket].flatMap { $0.set.sender == sender ? $0 : nil } }
    }

    func whenAnswered(
        _ ticket: Ticket, within seconds: TimeInterval, completion: @escaping @Sendable () -> Void
    ) {
        let once = Once(completion)
        let isAnswered = state.withLock { state in
            guard state.reports[ticket]?.receipt == nil else { return true }
            state.waiting[ticket, default: []].append(once)
            return false
        }
        if isAnswered { return once() }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { once() }
    }
}
