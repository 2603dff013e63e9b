import Exchange
import Foundation
import Logging
import Registry
import Spool
import Synchronization
import Testing
import Validation

@testable import Channels
@testable import Pipeline

/// The folder channel in this process, before a real spool and pipeline: an inbox over a directory of this machine.
final class FolderChannelTests {
    /// Set by hand: every look comes when it is due.
    private final class Clock: Sendable {
        let seconds = Mutex<TimeInterval>(0)
    }

    private let world: World
    private let cast: Cast
    private var channel: Inbox
    private let clock = Clock()
    private let root: String
    private let stem: String

    init() throws {
        world = try World(.usual)
        cast = try Cast(in: world)
        root = world.directory + "/folders"
        channel = FolderChannelTests.channel(in: world, earlyTriggerWait: 50_000, clock)
        stem = "DMFA.\(cast.sender).\(Date().calendarDate.compact).00001.R.1"
        look()
    }

    deinit { world.takeDown() }

    private static func channel(in world: World, earlyTriggerWait: TimeInterval, _ clock: Clock) -> Inbox {
        var configuration = Inbox.Configuration.folder
        configuration.earlyTriggerWait = earlyTriggerWait
        configuration.incompleteDelay = 100_000
        let registry = world.registry
        return Inbox(
            server: FolderFileServer(root: world.directory + "/folders"),
            accounts: { registry.activeSenders(on: .folder).map(InboxAccount.init(folderOf:)) },
            ground: InboxGround(
                configuration, intake: world.spool, homes: world.spool, outbox: world.spool,
                clock: InboxClock { clock.seconds.withLock { $0 } },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// A second later, one look at every account.
    private func look() {
        clock.seconds.withLock { $0 += 1 }
        let line = InboxLine(to: FolderFileServer(root: root))
        _ = channel.lookAtDue(on: line)
        line.close()
    }

    private var incoming: String { "\(root)/\(cast.sender)/IN" }
    private var outgoing: String { "\(root)/\(cast.sender)/OUT" }

    private func put(_ name: String, _ bytes: [UInt8] = []) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(incoming)/\(name)"))
    }

    private func putFiles() throws {
        let document = try Repository.document("dmfa.xml")
        try put("FI.\(stem).1", document)
        try put("FS.\(stem).1", cast[.folder].signer.sign(document))
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    private var rows: [SetRow] {
        get throws { try world.spool.ledger.sets(limit: 100, includingSettled: true, of: cast.sender) }
    }

    /// Looks until an answer lies in OUT, and reads it.
    private func receipt() async throws -> ReceivedReceipt {
        let trigger = try await eventually {
            look()
            return try names(outgoing).first { $0.hasPrefix("GO.") }
        }
        let stem = String(try #require(trigger, "no receipt came").dropFirst(3))
        let read = { (name: String) in
            Array(try Data(contentsOf: URL(fileURLWithPath: "\(self.outgoing)/\(name)")))
        }
        return ReceivedReceipt(
            stem: stem, document: try read("FO.\(stem)"), signature: try read("FS.\(stem)"))
    }

    @Test func `the six directories are made for each sender of the channel and for no other`() throws {
        #expect(try names("\(root)/\(cast.sender)") == Mailbox.allCases.map(\.rawValue).sorted())
        #expect(try names(root) == ["\(cast.sender)"])
    }

    @Test func `a set is handed in, leaves the directory GO first, and is answered GO last`() async throws {
        try putFiles()
        look()
        #expect(try rows.isEmpty, "it was handed in without its GO")
        try put("GO.\(stem)")
        let removals = try DirectoryWatch(incoming)
        let arrivals = try DirectoryWatch(outgoing)
        look()
        #expect(removals.names().first == "GO.\(stem)")
        #expect(try names(incoming).isEmpty)
        #expect(try rows.map(\.sealed.channel) == [.folder])
        let receipt = try await receipt()
        #expect(arrivals.names() == ["FO", "FS", "GO"].map { "\($0).\(receipt.stem)" })
        try receipt.requireGenuine(by: world.receiptCertificate, in: .incoming)
        #expect(receipt.errors.isEmpty)
        look()
        #expect(try names(outgoing) == ["FO", "FS", "GO"].map { "\($0).\(receipt.stem)" })
        #expect(try world.spool.answersWaiting(for: .folder, of: nil, limit: 10).isEmpty)
    }

    @Test func `an answer the reader took away does not come again`() async throws {
        try putFiles()
        try put("GO.\(stem)")
        let receipt = try await receipt()
        for prefix in ["FO", "FS", "GO"] {
            try FileManager.default.removeItem(atPath: "\(outgoing)/\(prefix).\(receipt.stem)")
        }
        look()
        #expect(try names(outgoing).isEmpty)
    }

    @Test func `a GO that comes early waits for its files`() async throws {
        try put("GO.\(stem)")
        look()
        #expect(try names(incoming) == ["GO.\(stem)"])
        #expect(try rows.isEmpty)
        try putFiles()
        #expect(try await receipt().errors.isEmpty)
    }

    @Test func `a GO whose files never come is answered`() async throws {
        channel = FolderChannelTests.channel(in: world, earlyTriggerWait: 0.1, clock)
        try put("GO.\(stem)")
        let receipt = try await receipt()
        #expect(Set(receipt.errors) == ["ACRF-120", "ACRF-122", "ACRF-142"])
        #expect(try names(incoming).isEmpty)
    }

    @Test func `names outside the convention and unfinished uploads stay where they are`() throws {
        let names = [".hidden", "FI.\(stem).1.part", "notes.txt", "GO.\(stem).tmp"]
        for name in names { try put(name, [0x20]) }
        look()
        #expect(try self.names(incoming) == names.sorted())
        #expect(try rows.isEmpty)
    }

    @Test func `a link is not followed and a directory is not a file`() throws {
        let secret = world.directory + "/secret"
        try Data("secret".utf8).write(to: URL(fileURLWithPath: secret))
        try FileManager.default.createSymbolicLink(
            atPath: "\(incoming)/FI.\(stem).1", withDestinationPath: secret)
        try FileManager.default.createDirectory(
            atPath: "\(incoming)/FS.\(stem).1", withIntermediateDirectories: false)
        try put("GO.\(stem)")
        look()
        #expect(try names(incoming) == ["FI.\(stem).1", "FS.\(stem).1", "GO.\(stem)"])
        #expect(try rows.isEmpty)
    }

    @Test func `a file with an unknown prefix is answered on its own`() async throws {
        try put("ZI.\(stem).1", [0x50])
        let receipt = try await receipt()
        #expect(receipt.errors == ["ACRF-129"] && receipt.fileName == "ZI.\(stem).1")
    }

    @Test func `a TD takes the files of its set with it`() throws {
        try putFiles()
        try put("TD.\(stem)")
        look()
        #expect(try names(incoming).isEmpty)
        #expect(try rows.isEmpty)
    }

    @Test func `a blocked sender's directories are not looked at`() throws {
        try world.registry.setBlocked(true, cast.sender)
        try putFiles()
        try put("GO.\(stem)")
        look()
        #expect(try names(incoming).count == 3)
    }
}
