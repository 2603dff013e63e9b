import Exchange
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Spool

/// What a disk that fails leaves open, and that nobody is told before it is settled.
@Suite struct DoubtTests {
    private let stem = Harness.stem(1)
    private let files = FileManager.default

    /// A committer on a ledger of its own.
    private struct Desk {
        private let desk: CommitterDesk
        let workers = Workers()

        /// - Parameter isOpen: whether its spool would be open by now.
        init(isOpen: Bool = true) throws {
            var configuration = Configuration()
            configuration.busyMode = .immediateError
            desk = try CommitterDesk(configuration: configuration)
            let committer = desk.committer
            if isOpen { committer.beginWaiting() }
            workers.start("commit") { committer.run() }
        }

        var root: String { desk.root }
        var pool: DatabasePool { desk.pool }
        var committer: Committer { desk.committer }

        /// Has a commit fail as it does when the disk does not take it.
        func fail(_ told: Told) {
            committer.submit(
                Committer.Work(
                    apply: { _ in throw DatabaseError(resultCode: .SQLITE_IOERR) }, settle: { told.add($0) }))
        }

        func end() {
            committer.stopWaiting()
            committer.close()
            workers.join()
        }
    }

    /// What the callers of commits were told, in order.
    private final class Told: Sendable {
        private let all = Mutex<[SpoolFault?]>([])
        func add(_ fault: SpoolFault?) { all.withLock { $0.append(fault) } }
        var faults: [SpoolFault?] { all.withLock { $0 } }
    }

    @Test func `a failed write of the ledger is told when something was written over it`() throws {
        let desk = try Desk()
        defer { desk.end() }
        let told = Told()
        desk.fail(told)
        try eventually("told") { told.faults.count == 1 }
        #expect(told.faults[0]?.code == .ledger)
        let doubts = try desk.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT next FROM counter WHERE name = 'doubt'")
        }
        #expect(doubts == 1)
        try desk.committer.commit { _ in }
    }

    @Test func `while a failed write cannot be made up for, its caller waits and all others are refused`()
        throws
    {
        let desk = try Desk()
        defer { desk.end() }
        let told = Told()
        try desk.pool.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER noDoubt BEFORE INSERT ON counter WHEN NEW.name = 'doubt'
                    BEGIN SELECT RAISE(ABORT, 'trouble'); END
                    """)
        }
        desk.fail(told)
        // What is submitted before the failure is noticed waits with it; what comes later is refused at once.
        let others = Told()
        try eventually("closed for writing") {
            desk.committer.submit(Committer.Work(apply: { _ in }, settle: { others.add($0) }))
            return others.faults.contains { $0?.code == .ledger }
        }
        #expect(told.faults.isEmpty)
        let other = try DatabaseQueue(path: SpoolDisk.ledgerPath(in: desk.root))
        try eventually("mended") {
            do {
                try other.write { try $0.execute(sql: "DROP TRIGGER noDoubt") }
                return true
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                return false
            }
        }
        try eventually("told") { told.faults.map { $0?.code } == [.ledger] }
        try desk.committer.commit { _ in }
    }

    @Test
    func `while a spool opens, a failed write that cannot be made up for is told, so that the start ends`()
        throws
    {
        let desk = try Desk(isOpen: false)
        defer { desk.end() }
        let told = Told()
        try desk.pool.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER noDoubt BEFORE INSERT ON counter WHEN NEW.name = 'doubt'
                    BEGIN SELECT RAISE(ABORT, 'trouble'); END
                    """)
        }
        desk.fail(told)
        try eventually("told") { told.faults.map { $0?.code } == [.closed] }
    }

    @Test func `closed in doubt, nobody is told that it failed`() throws {
        let desk = try Desk()
        let told = Told()
        try desk.pool.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER noDoubt BEFORE INSERT ON counter WHEN NEW.name = 'doubt'
                    BEGIN SELECT RAISE(ABORT, 'trouble'); END
                    """)
        }
        desk.fail(told)
        desk.end()
        #expect(told.faults.map { $0?.code } == [.closed])
    }

    /// Has rows of sets fail as they do on a disk that does not take them, and nothing made up for it, until the spool is
    /// closed.
    private func fail(_ spool: Spool) throws {
        try spool.committer.commit { db in
            db.add(
                function: DatabaseFunction("broken", argumentCount: 0) { _ in
                    throw DatabaseError(resultCode: .SQLITE_IOERR)
                })
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER noRow BEFORE INSERT ON fileSet BEGIN SELECT broken(); END;
                    CREATE TEMP TRIGGER noDoubt BEFORE INSERT ON counter WHEN NEW.name = 'doubt'
                    BEGIN SELECT RAISE(ABORT, 'trouble'); END;
                    """)
        }
    }

    @Test func `closed in doubt, the files of a set stay where its row would have them`() throws {
        let harness = try Harness()
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("FS.\(stem).1.1", "signature")
        let name = try #require(FileName("FI.\(stem).1.1"))
        let set = try harness.spool.begin(from: .first, over: .web, in: .incoming, note: nil)
        try set.upload(name, mode: .replace(exclusively: false)).close()
        try fail(harness.spool)
        let trigger = try harness.home().upload(
            try #require(FileName("GO.\(stem).1")), in: .incoming, mode: .replace(exclusively: false))
        let answers = Mutex(0)
        trigger.close { _ in answers.withLock { $0 += 1 } }
        set.seal(as: name, hasTrigger: false, mark: nil) { _ in answers.withLock { $0 += 1 } }
        try eventually("both are sealed") { harness.files("held").count == 2 }
        #expect(answers.withLock { $0 } == 0)
        harness.spool.close()
        #expect(answers.withLock { $0 } == 2)
        #expect(harness.files("arriving/006400/IN").isEmpty)
        #expect(harness.files("consigned").isEmpty)
        #expect(harness.files("held/\(set.ticket)").contains("FI.\(stem).1.1"))
        try harness.reopen()
        #expect(try harness.names().count == 3)
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `a set the full ledger did not take is sealed when there is room`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        try harness.spool.committer.commit { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        var failed: Int?
        for number in 2...200 where failed == nil {
            do { try harness.putSet(number) } catch { failed = number }
        }
        let number = try #require(failed, "the ledger was never full")
        #expect(try harness.names().count == 3)
        #expect(try harness.spool.findings().isEmpty)
        try harness.spool.committer.commit { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        harness.clock.advance(10)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == number }
        #expect(try harness.spool.findings().isEmpty)
        #expect(try harness.spool.ledger.counts().isConserved)
    }

    @Test func `what the log of the ledger holds at opening is copied before anything is taken in`() throws {
        let harness = try Harness()
        try harness.putSet(1)
        let root = NSTemporaryDirectory() + "spool-tests-" + UUID().uuidString
        defer { try? files.removeItem(atPath: root) }
        try files.copyItem(atPath: harness.root, toPath: root)
        let alone = root + "-ledger.sqlite"
        defer { for ending in ["", "-wal", "-shm"] { try? files.removeItem(atPath: alone + ending) } }
        func rows() throws -> Int? {
            try? files.removeItem(atPath: alone)
            try files.copyItem(atPath: root + "/ledger.sqlite", toPath: alone)
            let queue = try DatabaseQueue(path: alone)
            defer { try? queue.close() }
            return try? queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM fileSet") }
        }
        #expect(try rows() != 1, "the row was to be in the log only")
        let spool = try Spool.open(at: root, limits: .forTests, logger: .quiet)
        defer { spool.close() }
        #expect(try rows() == 1)
    }

    @Test func `a held directory that is there already is not touched, and the set is tried again`() throws {
        let harness = try Harness()
        let first = Ticket(.set, counter: 0)
        let path = harness.path("held/\(first)")
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = files.createFile(atPath: path + "/FI.\(stem).1.1", contents: Data("precious".utf8))
        #expect(throws: HomeFault.self) { try harness.putSet(1) }
        #expect(files.contents(atPath: path + "/FI.\(stem).1.1") == Data("precious".utf8))
        #expect(try harness.names().count == 3)
        harness.clock.advance(10)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == 1 }
    }

    @Test func `a file that a failed call left behind gives way to the next upload`() throws {
        let harness = try Harness()
        #expect(try harness.names().isEmpty)
        _ = files.createFile(
            atPath: harness.path("arriving/006400/IN/FI.\(stem).1.1"), contents: Data("x".utf8))
        try harness.putSet(1)
        #expect(try harness.nextUndecided().parts.map(\.size) == [4, 9])

        let set = try harness.spool.begin(from: .first, over: .web, in: .incoming, note: nil)
        _ = files.createFile(atPath: harness.path("consigned/\(set.ticket)/y"), contents: Data("x".utf8))
        try set.upload(try #require(FileName("y")), mode: .replace(exclusively: false)).close()
        #expect(try set.files().map(\.size) == [0])
    }

    @Test func `a file whose sync failed is not synced again, but written anew`() throws {
        let harness = try Harness()
        let name = try #require(FileName("FI.\(stem).1.1"))
        let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        try upload.write("<a/>", at: 0)
        let home = harness.spool.registry.home(of: .first)
        let key = try home.inside(.incoming) { arrivals throws(HomeFault) in
            UploadKey(
                mailbox: .incoming, owner: arrivals[name]?.owner ?? 0, serial: arrivals[name]?.serial ?? 0)
        }
        home.endSync(key, version: try home.beginSync(key), failed: true)
        #expect(throws: HomeFault.self) { try settled { upload.sync(completion: $0) }.get() }
        let inode = try inode("arriving/006400/IN/\(name)", harness)
        try upload.close()
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("GO.\(stem).1")
        let set = try harness.nextUndecided()
        #expect(try self.inode("held/\(set.ticket)/\(name)", harness) != inode)
    }

    @Test func `what lay there at opening is written anew before it is sealed`() throws {
        let harness = try Harness()
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("FS.\(stem).1.1", "signature")
        let inode = try inode("arriving/006400/IN/FI.\(stem).1.1", harness)
        try harness.reopen()
        try harness.put("GO.\(stem).1")
        harness.clock.advance(10)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == 1 }
        let set = try harness.nextUndecided()
        #expect(try self.inode("held/\(set.ticket)/FI.\(stem).1.1", harness) != inode)
        #expect(try harness.spool.findings().isEmpty)
    }

    private func inode(_ path: String, _ harness: Harness) throws -> UInt64 {
        let attributes = try files.attributesOfItem(atPath: harness.path(path))
        return try #require(attributes[.systemFileNumber] as? UInt64)
    }
}
