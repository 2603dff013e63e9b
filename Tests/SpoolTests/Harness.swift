import Exchange
import Foundation
import GRDB
import Logging
import Synchronization
import Testing

@testable import Spool

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    private let time: Mutex<(steady: Date, offset: TimeInterval)>

    init(_ time: Date) {
        self.time = Mutex((time, 0))
    }

    var now: Date { time.withLock { $0.steady + $0.offset } }
    var steady: Date { time.withLock { $0.steady } }

    func advance(_ seconds: TimeInterval) {
        time.withLock { $0.steady += seconds }
    }

    func set(_ time: Date) {
        self.time.withLock { $0 = (time, 0) }
    }

    /// Somebody sets the clock; no time passes.
    func jump(_ seconds: TimeInterval) {
        time.withLock { $0.offset += seconds }
    }
}

/// A spool in a directory of its own, with what tests do to it.
///
/// Sendable because `spool` is only replaced by `reopen`, which a test calls from its own thread while no
/// other uses it.
final class Harness: @unchecked Sendable {
    let root: String
    let clock: TestClock
    let limits: SpoolLimits
    private let logger: Logger
    private(set) var spool: Spool

    /// A place where a sync costs nothing, for tests of very many files; the usual one where there is none.
    static let memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()

    /// - Parameter now: nothing in the tests depends on the real date.
    init(
        now: Date = Date(timeIntervalSince1970: 1_767_225_600), limits: SpoolLimits = .forTests,
        logger: Logger = .quiet, below base: String = NSTemporaryDirectory()
    ) throws {
        root = base + "spool-tests-" + UUID().uuidString
        clock = TestClock(now)
        self.limits = limits
        self.logger = logger
        spool = try Spool.open(
            at: root, limits: limits, logger: logger, clock: { [clock] in clock.now },
            steady: { [clock] in clock.steady })
    }

    deinit {
        spool.close()
        try? FileManager.default.removeItem(atPath: root)
    }

    /// Closes the spool, changes what is on the disk, and opens it again.
    func reopen(limits: SpoolLimits? = nil, after change: () throws -> Void = {}) throws {
        spool.close()
        try change()
        spool = try Spool.open(
            at: root, limits: limits ?? self.limits, logger: logger, clock: { [clock] in clock.now },
            steady: { [clock] in clock.steady })
    }

    func home(_ sender: SenderNumber = .first, over channel: ChannelKind = .sftp) throws -> any SenderHome {
        try spool.home(of: sender, over: channel)
    }

    /// Uploads a file and waits for its closing.
    func put(
        _ name: String, _ text: String = "", in mailbox: Mailbox = .incoming,
        by sender: SenderNumber = .first,
        over channel: ChannelKind = .sftp
    ) throws {
        try home(sender, over: channel).put(try #require(FileName(name)), Array(text.utf8), in: mailbox)
    }

    /// Uploads FI, FS and GO of a set of one part.
    func putSet(
        _ number: Int, by sender: SenderNumber = .first, text: String = "<a/>",
        in mailbox: Mailbox = .incoming,
        over channel: ChannelKind = .sftp
    ) throws {
        let stem = Harness.stem(number, by: sender, mailbox.environment)
        try put("FI.\(stem).1.1", text, in: mailbox, by: sender, over: channel)
        try put("FS.\(stem).1.1", "signature", in: mailbox, by: sender, over: channel)
        try put("GO.\(stem).1", in: mailbox, by: sender, over: channel)
    }

    static func stem(
        _ number: Int, by sender: SenderNumber = .first, _ environment: ExchangeEnvironment = .real
    ) -> String {
        "DMFA.\(sender).20260101.\(String(number).leftPadded(to: 5)).\(environment.rawValue)"
    }

    func names(_ mailbox: Mailbox = .incoming, of sender: SenderNumber = .first) throws -> [String] {
        try home(sender).entries(in: mailbox).map(\.name.escaped).sorted()
    }

    /// The next set to decide, without waiting for ever when there is none.
    func nextUndecided() throws -> SealedSet {
        try #require(spool.counts(.received) > 0, "no set waits for its decision")
        let found = Mutex<UndecidedSet?>(nil)
        let isFound = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [spool] in
            let work = spool.nextUndecided()
            found.withLock { $0 = work }
            isFound.signal()
        }
        try #require(isFound.wait(timeout: .now() + 60) == .success, "no set was handed out to be decided")
        return try #require(found.withLock { $0 }).set
    }

    func refuse(_ set: SealedSet, text: String = "refused") throws {
        try spool.record(.refused(set, text), for: set)
    }

    func accept(_ set: SealedSet, for destination: String? = "back-end", text: String = "accepted") throws {
        try spool.record(.accepted(set, destination, text), for: set)
    }

    /// A new set, refused; its answer lies there.
    func refused(_ number: Int) throws -> SealedSet { try answered(number) { try refuse($0) } }

    /// A new set, accepted; its answer lies there.
    func accepted(_ number: Int) throws -> SealedSet { try answered(number) { try accept($0) } }

    private func answered(_ number: Int, _ decide: (SealedSet) throws -> Void) throws -> SealedSet {
        try putSet(number)
        let set = try nextUndecided()
        try decide(set)
        try waitForAnswer(set.ticket)
        return set
    }

    func row(_ ticket: Ticket) throws -> SetRow {
        try #require(try spool.ledger.set(ticket))
    }

    /// Every row, oldest first.
    func rows() throws -> [SetRow] {
        try spool.ledger.sets(limit: 100_000, includingSettled: true).reversed()
    }

    func path(_ text: String) -> String { "\(root)/\(text)" }

    func files(_ text: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path(text)).sorted()) ?? []
    }

    /// Changes the ledger behind the spool's back.
    func ledger(_ sql: String) throws {
        // The spool may be writing at this moment.
        var patient = Configuration()
        patient.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path("ledger.sqlite"), configuration: patient)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    func waitForAnswer(_ ticket: Ticket, _ state: AnswerState = .published) throws {
        try eventually("answer \(state.rawValue)") {
            try self.spool.ledger.set(ticket)?.answer?.state == state
        }
    }
}

/// Waits for something that a thread of the spool does in its own time.
func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    let end = Date().addingTimeInterval(60)
    while try !condition() {
        try #require(Date() < end, "never came: \(what)")
        Thread.sleep(forTimeInterval: 0.005)
    }
}

extension SpoolLimits {
    /// A GO waits and files lie for as long as the test's clock says; sweeps come from the test.
    static var forTests: SpoolLimits {
        var limits = SpoolLimits()
        limits.freeFloor = 0
        limits.sweepInterval = 3600
        limits.syncThreads = 4
        return limits
    }
}

extension Logger {
    static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}

extension SenderNumber {
    static var first: SenderNumber { number(6400) }

    static func number(_ number: Int) -> SenderNumber {
        guard let sender = SenderNumber(String(number).leftPadded(to: 6)) else {
            preconditionFailure("no sender")
        }
        return sender
    }
}

extension Spool {
    func counts(_ state: SetState) throws -> Int {
        try ledger.sets(limit: 100_000, includingSettled: true).count { $0.state == state }
    }
}

extension RecordedDecision {
    static func receipt(_ set: SealedSet, _ text: String) -> Receipt {
        Receipt(
            purpose: "ACRF", document: Array("<ACRF>\(text)</ACRF>".utf8), signature: Array("signature".utf8),
            mailbox: set.mailbox.answers, channel: set.channel)
    }

    static func refused(_ set: SealedSet, _ text: String = "refused") -> RecordedDecision {
        RecordedDecision(
            outcome: .refused, codes: [.signatureInvalid], decisionJSON: "{}", receipt: receipt(set, text))
    }

    static func accepted(
        _ set: SealedSet, _ destination: String? = "back-end", _ text: String = "accepted"
    ) -> RecordedDecision {
        RecordedDecision(
            outcome: .accepted(destination: destination), codes: [], decisionJSON: "{\"a\":1}",
            receipt: receipt(set, text))
    }

    static func repeated(_ first: Ticket) -> RecordedDecision {
        RecordedDecision(outcome: .repeated(of: first), codes: [], decisionJSON: "{}", receipt: nil)
    }
}

extension SenderHome {
    func put(_ name: FileName, _ bytes: [UInt8], in mailbox: Mailbox) throws {
        let upload = try upload(name, in: mailbox, mode: .replace(exclusively: false))
        try upload.write(bytes, at: 0)
        try upload.close()
    }

    func rename(_ name: String, to newName: String, in mailbox: Mailbox = .incoming, replacing: Bool = false)
        throws
    {
        let name = try #require(FileName(name))
        let newName = try #require(FileName(newName))
        try settled { rename(name, to: newName, in: mailbox, replacing: replacing, completion: $0) }.get()
    }

    func text(_ name: String, in mailbox: Mailbox) throws -> String {
        let download = try download(try #require(FileName(name)), in: mailbox)
        var bytes = [UInt8](repeating: 0, count: Int(download.size) + 10)
        let count = try bytes.withUnsafeMutableBytes { try download.read(into: $0, at: 0) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

extension Upload {
    func write(_ bytes: [UInt8], at offset: UInt64) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }

    func write(_ text: String, at offset: UInt64) throws {
        try write(Array(text.utf8), at: offset)
    }

    /// Ends the upload and waits for the answer.
    func close() throws {
        try settled { close(completion: $0) }.get()
    }
}

/// The answer to a call with a completion.
func settled(
    _ call: (@escaping @Sendable (Result<Void, HomeFault>) -> Void) -> Void
) -> Result<Void, HomeFault> {
    let answer = Mutex(Result<Void, HomeFault>.failure(.failed("never answered")))
    let isAnswered = DispatchSemaphore(value: 0)
    call { result in
        answer.withLock { $0 = result }
        isAnswered.signal()
    }
    _ = isAnswered.wait(timeout: .now() + 60)
    return answer.withLock { $0 }
}
