import Exchange
import Foundation
import Logging
import Testing

@testable import Channels
@testable import Spool

/// A spool several senders use, at one moment that does not pass. It lies in memory where there is room, because it is
/// synced thousands of times.
final class SharedSpool {
    private static let moment = Date(timeIntervalSince1970: 1_767_225_600)
    /// The first who stands in for a sender who is not there, so that answers have the same numbers in every spool.
    private static let standIn = 900_000

    let spool: Spool
    private let root: String

    init() throws {
        let memory = "/dev/shm"
        let base = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        root = "\(base)/ecluse-separation-\(UUID().uuidString)"
        var limits = SpoolLimits()
        limits.freeFloor = 0
        limits.sweepInterval = 3600
        limits.syncThreads = 2
        // What is held a moment longer is no difference.
        limits.refusedPerSecond = nil
        let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        spool = try Spool.open(
            at: root, limits: limits, logger: quiet, clock: { Self.moment },
            steady: { Self.moment })
    }

    deinit {
        server?.server.stop(grace: 0)
        spool.close()
        try? FileManager.default.removeItem(atPath: root)
    }

    /// What lies in one home only, and must be seen by nobody else: part of every file's bytes, and of one name.
    static func canary(of sender: SenderNumber) -> String {
        "secret-" + sender.description.reversed().map(String.init).joined(separator: "-")
    }

    /// Gives each sender a home with a set refused and answered, one waiting for its decision, one without GO, a GO
    /// without its set, an upload broken off and a file of no set. Nil keeps the place of one who is not there.
    ///
    /// - Returns: the stems of the answers, in the order of `senders`.
    func furnish(_ senders: [SenderNumber?]) throws -> [String] {
        let present = senders.enumerated().map { $1 ?? .number(Self.standIn + $0) }
        var tickets: [Ticket] = []
        for sender in present {
            try send("00005", to: sender, in: .incoming)
            let set = try #require(spool.nextUndecided()).set
            try #require(set.sender == sender)
            tickets.append(set.ticket)
            try spool.record(Self.refused(set, Self.canary(of: sender)), for: set)
        }
        var stems: [String] = []
        for (sender, ticket) in zip(senders, tickets) {
            try waitUntil { try self.spool.ledger.set(ticket)?.answer?.state == .published }
            stems.append(try spool.ledger.set(ticket)?.answer?.stem ?? "")
            guard let sender else { continue }
            try date("outbox/\(sender)/OUT")
            try furnish(sender)
        }
        return stems
    }

    private func furnish(_ sender: SenderNumber) throws {
        let canary = Self.canary(of: sender)
        let home = try spool.home(of: sender, over: .sftp)
        try send("00004", to: sender, in: .incoming)
        for prefix in ["FI", "FS"] {
            let stem = HostileNames.stem("00001", of: sender, .incoming)
            try home.put("\(prefix).\(stem).1", canary, in: .incoming)
        }
        try home.put("GO." + HostileNames.stem("00002", of: sender, .incomingTest), "", in: .incomingTest)
        try home.put(canary, canary, in: .incoming)
        let cut = HostileNames.stem("00003", of: sender, .incoming)
        let upload = try home.upload(fileName("FI.\(cut).1"), in: .incoming, mode: .resume)
        try Array(canary.utf8).withUnsafeBytes { try upload.write($0, at: 0) }
        upload.abandon()
    }

    private func send(_ sequence: String, to sender: SenderNumber, in mailbox: Mailbox) throws {
        let stem = HostileNames.stem(sequence, of: sender, mailbox)
        let home = try spool.home(of: sender, over: .sftp)
        try home.put("FI.\(stem).1", Self.canary(of: sender) + sequence, in: mailbox)
        try home.put("FS.\(stem).1", Self.canary(of: sender) + sequence, in: mailbox)
        try home.put("GO.\(stem)", "", in: mailbox)
    }

    private static func refused(_ set: SealedSet, _ canary: String) -> RecordedDecision {
        RecordedDecision(
            outcome: .refused, codes: [.signatureInvalid], decisionJSON: "{}",
            receipt: .init(
                purpose: "ACRF", document: Array(canary.utf8), signature: Array(canary.utf8),
                mailbox: set.mailbox.answers, channel: set.channel))
    }

    /// Answers are dated by the disk, whose time passes.
    private func date(_ directory: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(directory)") {
            try FileManager.default.setAttributes(
                [.modificationDate: Self.moment], ofItemAtPath: "\(root)/\(directory)/\(name)")
        }
    }

    /// Everything there is of a sender: what its home shows, byte for byte, and what the ledger says, tickets excepted.
    func state(of sender: SenderNumber) throws -> [String] {
        let home = try spool.home(of: sender, over: .sftp)
        var lines: [String] = []
        for mailbox in Mailbox.allCases {
            let entries = try home.entries(in: mailbox).sorted { $0.name.escaped < $1.name.escaped }
            for entry in entries {
                let bytes = String(decoding: try home.bytes(of: entry.name, in: mailbox), as: UTF8.self)
                lines.append("\(mailbox)/\(entry.name) \(entry.modifiedAt.timeIntervalSince1970): \(bytes)")
            }
        }
        for row in try spool.ledger.sets(limit: 10_000, includingSettled: true, of: sender).reversed() {
            let parts = row.sealed.parts.map { "\($0.name) \($0.digest)" }
            let answer = row.answer.map { "\($0.stem) \($0.state)" } ?? "none"
            lines.append("\(row.sealed.name) \(row.state) \(row.sealed.hasTrigger) \(parts) \(answer)")
        }
        return lines
    }

    private var server: SFTPBench?

    /// The server of this spool, started when it is first asked for.
    func bench() throws -> SFTPBench {
        if let server { return server }
        let new = try SFTPBench(spool: spool)
        server = new
        return new
    }

    /// Returns when the ledger has everything that was handed to it before.
    func settle() throws { try send("00006", to: .number(Self.standIn), in: .incomingSimulation) }

    func conversation(
        of sender: SenderNumber, _ deliver: @escaping @Sendable (UInt64, SFTPSettlement.Outcome) -> Void
    ) throws -> SFTPConversation {
        SFTPConversation(
            home: try spool.home(of: sender, over: .sftp), user: "EXPs\(sender)", handleLimit: 64,
            allowance: .unlimited, now: { Self.moment }, deliver: deliver)
    }
}

extension SenderNumber {
    static func number(_ number: Int) -> SenderNumber {
        guard let sender = SenderNumber(String(number).leftPadded(to: 6)) else {
            preconditionFailure("no number of a sender: \(number)")
        }
        return sender
    }
}

extension SenderHome {
    /// Uploads a file and waits for its closing.
    fileprivate func put(_ name: String, _ text: String, in mailbox: Mailbox) throws {
        let upload = try upload(fileName(name), in: mailbox, mode: .replace(exclusively: false))
        try Array(text.utf8).withUnsafeBytes { try upload.write($0, at: 0) }
        let settled = Settled()
        upload.close { settled.add(0, $0) }
        try settled.next().1.get()
    }

    fileprivate func bytes(of name: FileName, in mailbox: Mailbox) throws -> [UInt8] {
        let download = try download(name, in: mailbox)
        defer { download.close() }
        var bytes = [UInt8](repeating: 0, count: Int(download.size))
        let count = try bytes.withUnsafeMutableBytes { try download.read(into: $0, at: 0) }
        return Array(bytes.prefix(count))
    }
}

private func fileName(_ text: String) throws -> FileName { try #require(FileName(text)) }

/// Waits for something a thread of the spool does in its own time.
private func waitUntil(_ isDone: () throws -> Bool) throws {
    let end = Date().addingTimeInterval(120)
    while try !isDone() {
        try #require(Date() < end, "never came")
        Thread.sleep(forTimeInterval: 0.002)
    }
}
