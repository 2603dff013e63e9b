internal import Exchange
internal import Foundation
internal import Synchronization

/// Sends sets to a web service, and waits for their receipts.
public struct WebSubmission: Sendable {
    private let service: WebService
    private let settings: SubmissionSettings
    private let screen: ProgressScreen
    private let timing: Timing

    private static let mostConnections = 16

    public init(to web: WebSettings, settings: SubmissionSettings, screen: ProgressScreen) {
        self.init(to: web, settings: settings, screen: screen, timing: .system)
    }

    init(to web: WebSettings, settings: SubmissionSettings, screen: ProgressScreen, timing: Timing) {
        service = WebService(
            web, connections: min(max(settings.parallel, 1), WebSubmission.mostConnections), timing: timing)
        self.settings = settings
        self.screen = screen
        self.timing = timing
    }

    /// A set the service has, by its place among the sets.
    private struct Sent {
        let index: Int
        let ticket: String
        let at: Double
    }

    /// Blocks its thread until every set has a verdict: first all are sent, then their receipts are waited for.
    ///
    /// - Parameter settled: told of each set once, as soon as its verdict is known, on any thread.
    /// - Returns: the same, in the order of the sets.
    public func run(
        _ sets: [OutgoingSet], settled: @escaping @Sendable (SetOutcome) -> Void
    ) -> [SetOutcome] {
        let book = SubmissionBook(sets, settled: settled)
        let sent = WebQueue<Sent>()
        let meter = screen.meter(total: sets.reduce(0) { $0 + $1.size })
        let others = DispatchGroup()
        for _ in 0..<max(0, min(settings.parallel, sets.count, WebSubmission.mostConnections) - 1) {
            others.enter()
            Thread.detachNewThread {
                work(book, sent, meter)
                others.leave()
            }
        }
        work(book, sent, meter)
        others.wait()
        return book.outcomes
    }

    private func work(_ book: SubmissionBook, _ sent: WebQueue<Sent>, _ meter: TransferMeter) {
        let perseverance = Perseverance(
            patience: settings.patience, timing: timing, note: { [screen] in screen.tell($0) })
        while let index = book.next() {
            guard let ticket = send(index, book, meter, perseverance) else { continue }
            let at = timing.now()
            book.noteSent(index, at: at)
            sent.push(Sent(index: index, ticket: ticket, at: at))
            screen.tell(
                "\(book.sets[index].trigger) sent, \(Quantity.bytes(book.sets[index].size)), ticket \(ticket)"
            )
        }
        let receipts = WebReceipts(
            service: service, perseverance: perseverance, settings: settings, timing: timing)
        while let next = sent.pop() {
            guard settings.wait > 0 else {
                book.settle(
                    next.index,
                    .unknown("it was sent with ticket \(next.ticket), and its receipt was not waited for"))
                continue
            }
            book.settle(
                next.index, receipts.verdict(on: next.ticket, of: book.sets[next.index], sentAt: next.at))
        }
    }

    private func send(
        _ index: Int, _ book: SubmissionBook, _ meter: TransferMeter, _ perseverance: Perseverance
    ) -> String? {
        let delivery = WebDelivery(
            book.sets[index], to: service, perseverance: perseverance, meter: meter, bounds: settings.upload)
        do {
            return try delivery.run()
        } catch {
            let mayBeComplete = delivery.mayBeComplete && error.refusal == nil && error.isMendable
            book.settle(index, SetVerdict(error, mayBeComplete: mayBeComplete))
            return nil
        }
    }
}

/// Passes work from some threads to others, first in, first out; never waits.
final class WebQueue<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func push(_ element: Element) {
        elements.withLock { $0.append(element) }
    }

    func pop() -> Element? {
        elements.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
