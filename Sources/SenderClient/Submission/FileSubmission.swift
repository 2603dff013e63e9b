public import Channels
internal import Exchange
internal import Foundation

/// Sends sets to a file server or a folder, and waits for their receipts.
///
/// Each set goes over one connection: its files, compared by size, and then its GO. Small sets go together where the
/// server can do several things at once. A connection that breaks is made again, and what it was carrying goes on where
/// it broke. A first connection that does not come about is not tried again.
public struct FileSubmission: Sendable {
    private let server: any RemoteServer
    private let logIn: RemoteLogIn
    private let paths: MailboxPaths
    private let settings: SubmissionSettings
    private let screen: ProgressScreen
    private let timing: Timing

    private static let mostConnections = 16

    /// - Parameter home: where IN, OUT and their siblings lie; nil for where the log-in begins.
    public init(
        to server: any RemoteServer, as logIn: RemoteLogIn, home: RemotePath?, settings: SubmissionSettings,
        screen: ProgressScreen
    ) {
        self.init(to: server, as: logIn, home: home, settings: settings, screen: screen, timing: .system)
    }

    init(
        to server: any RemoteServer, as logIn: RemoteLogIn, home: RemotePath?, settings: SubmissionSettings,
        screen: ProgressScreen, timing: Timing
    ) {
        self.server = server
        self.logIn = logIn
        paths = MailboxPaths(home: home)
        self.settings = settings
        self.screen = screen
        self.timing = timing
    }

    /// Blocks its thread until every set has a verdict.
    ///
    /// - Parameter settled: told of each set once, as soon as its verdict is known, on any thread.
    /// - Returns: the same, in the order of the sets.
    public func run(
        _ sets: [OutgoingSet], settled: @escaping @Sendable (SetOutcome) -> Void
    ) -> [SetOutcome] {
        let book = SubmissionBook(sets, settled: settled)
        let link = link()
        let ground: ServerGround
        do throws(RemoteFault) {
            ground = try link.run { (files) throws(RemoteFault) in
                try ServerGround(of: sets, at: paths, over: files, isAnswerWanted: settings.wait > 0)
            }
        } catch {
            for index in book.takeAll() { book.settle(index, SetVerdict(error, mayBeComplete: false)) }
            return book.outcomes
        }
        let workers = max(1, min(settings.parallel, sets.count, FileSubmission.mostConnections))
        let bringer = SetBringer(
            book: book, ground: ground, paths: paths, settings: settings, workers: workers,
            meter: screen.meter(total: sets.reduce(0) { $0 + $1.size }), timing: timing,
            note: { [screen] in screen.tell($0) })
        let others = DispatchGroup()
        for _ in 1..<workers {
            others.enter()
            Thread.detachNewThread {
                bringOverOne(bringer)
                others.leave()
            }
        }
        let fault = bringer.run(on: link)
        awaitReceipts(link, book, ground)
        others.wait()
        // Whoever ended last leaves nothing in the queue, unless its own connection ended it.
        for index in book.takeAll() {
            book.settle(
                index, fault.map { SetVerdict($0, mayBeComplete: false) } ?? .unknown("it was not sent"))
        }
        awaitReceipts(link, book, ground)
        return book.outcomes
    }

    /// The thread of a further connection. A server that grants no more of them is left in peace.
    private func bringOverOne(_ bringer: SetBringer) {
        let link = link()
        do throws(RemoteFault) {
            try link.run { (_) throws(RemoteFault) in }
            _ = bringer.run(on: link)
        } catch {
            screen.tell("\(server.address): no further connection: \(error.clause)")
        }
        link.close()
    }

    private func awaitReceipts(_ link: Link, _ book: SubmissionBook, _ ground: ServerGround) {
        guard settings.wait > 0 else {
            for index in book.awaiting.keys {
                book.settle(index, .unknown("it was sent, and its receipt was not waited for"))
            }
            return
        }
        ReceiptWatch(
            link: link, book: book, ground: ground, paths: paths, settings: settings, timing: timing,
            note: { screen.tell($0) }
        ).run()
    }

    private func link() -> Link {
        Link(
            to: server, as: logIn, patience: settings.patience, timing: timing,
            note: { [screen] in screen.tell($0) })
    }
}
