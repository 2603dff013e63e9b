import Crypto
import Exchange
import Foundation
import Synchronization
import Testing

@testable import Spool

@Suite struct SealingTests {
    @Test func `a GO is answered when row and bytes are there, and not before`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("FS.\(stem).1.1", "signature")
        #expect(try harness.rows().isEmpty)
        try harness.put("GO.\(stem).1", "go")

        let reader = try Ledger.openForReading(at: harness.root)
        let row = try #require(try reader.sets(limit: 10, includingSettled: false).first)
        #expect(row.state == .received)
        #expect(row.sealed.name == FileName("GO.\(stem).1"))
        #expect(row.sealed.hasTrigger)
        #expect(row.sealed.sender == .first)
        #expect(row.sealed.channel == .sftp)
        #expect(row.sealed.mailbox == .incoming)
        #expect(row.sealed.receivedAt == harness.clock.now)
        #expect(row.sealed.parts.map(\.name.escaped) == ["FI.\(stem).1.1", "FS.\(stem).1.1"])
        #expect(row.sealed.parts.map(\.size) == [4, 9])
        #expect(row.sealed.parts[0].digest == Digest(SHA256.hash(data: Array("<a/>".utf8))))
        #expect(try harness.names().isEmpty)
        #expect(harness.files("arriving/006400/IN").isEmpty)
        let held = harness.spool.path(of: row.sealed.parts[0], in: row.sealed.ticket)
        #expect(try String(contentsOfFile: held, encoding: .utf8) == "<a/>")
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test(arguments: [
        ["FI", "FS", "GO"], ["FI", "GO", "FS"], ["FS", "FI", "GO"], ["FS", "GO", "FI"], ["GO", "FI", "FS"],
        ["GO", "FS", "FI"],
    ])
    func `files may come in any order`(order: [String]) throws {
        let harness = try Harness()
        for prefix in order {
            #expect(try harness.rows().isEmpty)
            try harness.put("\(prefix).\(Harness.stem(1))\(prefix == "GO" ? ".1" : ".1.1")", prefix)
        }
        let row = try #require(try harness.rows().first)
        #expect(row.sealed.parts.count == 2)
        #expect(row.sealed.hasTrigger)
        #expect(try harness.names().isEmpty)
    }

    @Test func `a set of several parts waits for every one`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("GO.\(stem).3")
        for part in 1...3 {
            #expect(try harness.rows().isEmpty)
            try harness.put("FI.\(stem).3.\(part)", "\(part)")
            try harness.put("FS.\(stem).3.\(part)", "\(part)")
        }
        #expect(try harness.rows().map(\.sealed.parts.count) == [6])
    }

    @Test func `simulation needs no FS, and names without parts are one part`() throws {
        let harness = try Harness()
        let simulated = Harness.stem(1, .simulation)
        try harness.put("FI.\(simulated).1.1", in: .incomingSimulation)
        try harness.put("GO.\(simulated).1", in: .incomingSimulation)
        #expect(try harness.rows().map(\.sealed.parts.count) == [1])
        for prefix in ["FI", "FS", "GO"] { try harness.put("\(prefix).WECH.006400.20260101.00001.R") }
        #expect(try harness.rows().map(\.sealed.parts.count) == [1, 2])
    }

    @Test func `an early GO is durable, listed, and sealed with what is there when nothing more comes`()
        throws
    {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).2.1", "one")
        try harness.put("GO.\(stem).2")
        #expect(try harness.names() == ["FI.\(stem).2.1", "GO.\(stem).2"])
        #expect(harness.files("arriving/006400/IN") == ["FI.\(stem).2.1", "GO.\(stem).2"])
        harness.clock.advance(4.9)
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.names().count == 2)
        harness.clock.advance(0.1)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().map(\.sealed.parts.count) == [1] }
        #expect(try harness.rows()[0].sealed.hasTrigger)
    }

    @Test func `writing to a file of the set makes its early GO wait on`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        let name = try #require(FileName("FI.\(stem).1.1"))
        let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        try upload.write("<", at: 0)
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("GO.\(stem).1")
        for _ in 1...5 {
            harness.clock.advance(4)
            try upload.write("a", at: upload.size)
            harness.spool.sweeper.sealOverdue()
        }
        #expect(try harness.names().count == 3)
        try upload.close()
        #expect(try harness.rows().map { $0.sealed.parts.map(\.size) } == [[6, 9]])
    }

    @Test func `a stalled upload does not keep its set for ever and cannot touch it afterwards`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        let name = try #require(FileName("FI.\(stem).1.1"))
        let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        try upload.write("half", at: 0)
        try harness.put("GO.\(stem).1")
        harness.clock.advance(599)
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.names().count == 2)
        harness.clock.advance(1)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().map { $0.sealed.parts.map(\.size) } == [[4]] }
        #expect(throws: HomeFault.superseded) { try upload.write("more", at: 4) }
        #expect(throws: HomeFault.superseded) { try upload.close() }
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `of two closings of one GO only one makes a set`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("FS.\(stem).1.1", "signature")
        let name = try #require(FileName("GO.\(stem).1"))
        let first = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        let second = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        #expect(throws: HomeFault.superseded) { try first.close() }
        try second.close()
        try harness.put("GO.\(stem).1")
        #expect(try harness.rows().count == 1)
        #expect(try harness.names() == ["GO.\(stem).1"])
    }

    @Test func `many senders at once share commits and nothing is mixed up`() throws {
        let harness = try Harness()
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 32) { index in
            let sender = SenderNumber.number(100 + index)
            failures.catching {
                for number in 1...10 { try harness.putSet(number, by: sender, text: "\(sender) \(number)") }
            }
        }
        #expect(failures.all.isEmpty)
        let rows = try harness.rows()
        #expect(rows.count == 320)
        #expect(Set(rows.map(\.sealed.ticket)).count == 320)
        for row in rows {
            let part = try #require(row.sealed.parts.first)
            let number = try #require(Int(row.sealed.name.escaped.split(separator: ".")[4]))
            let text = try String(
                contentsOfFile: harness.spool.path(of: part, in: row.sealed.ticket), encoding: .utf8)
            #expect(text == "\(row.sealed.sender) \(number)")
        }
        #expect(try harness.spool.findings().isEmpty)
        #expect(try harness.spool.ledger.counts().isConserved)
    }

    @Test
    func `a set the ledger refuses is not acknowledged, fails no other, and is sealed when that is over`()
        throws
    {
        let harness = try Harness()
        try harness.ledger(
            """
            CREATE TRIGGER trouble BEFORE INSERT ON fileSet WHEN NEW.sender = '000107'
            BEGIN SELECT RAISE(ABORT, 'trouble'); END
            """)
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 16) { index in
            failures.catching { try harness.putSet(1, by: .number(100 + index)) }
        }
        #expect(failures.all.count == 1)
        #expect(try harness.rows().count == 15)
        let unlucky = SenderNumber.number(107)
        #expect(try harness.names(of: unlucky).count == 3)
        #expect(harness.files("held").count == 15)
        try harness.ledger("DROP TRIGGER trouble")
        try harness.put("GO.\(Harness.stem(1, by: unlucky)).1", by: unlucky)
        #expect(try harness.rows().count == 16)
        #expect(try harness.names(of: unlucky).isEmpty)
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `a set that could not be sealed is tried again without its sender`() throws {
        let harness = try Harness()
        try harness.ledger(
            "CREATE TRIGGER trouble BEFORE INSERT ON fileSet BEGIN SELECT RAISE(ABORT, 'trouble'); END")
        #expect(throws: HomeFault.self) { try harness.putSet(1) }
        try harness.ledger("DROP TRIGGER trouble")
        harness.clock.advance(10)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == 1 }
    }

    @Test func `a GO sent again while its set cannot be sealed is answered`() throws {
        var limits = SpoolLimits.forTests
        limits.syncThreads = 1
        let harness = try Harness(limits: limits)
        try harness.ledger(
            "CREATE TRIGGER trouble BEFORE INSERT ON fileSet BEGIN SELECT RAISE(ABORT, 'trouble'); END")
        let (commits, syncs, isSyncing) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        let stem = Harness.stem(1)
        for prefix in ["FI", "FS"] { try harness.put("\(prefix).\(stem).1.1", "<a/>") }
        harness.spool.committer.submit(Committer.Work(apply: { _ in commits.wait() }, settle: { _ in }))
        let first = Mutex<Bool?>(nil)
        let again = Mutex<Bool?>(nil)
        func close(_ outcome: @escaping @Sendable (Bool) -> Void) throws {
            let name = try #require(FileName("GO.\(stem).1"))
            let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
            upload.close { outcome((try? $0.get()) != nil) }
        }
        try close { isDone in first.withLock { $0 = isDone } }
        // The one syncing thread is kept, once the set is on its way to the ledger.
        let file = try harness.spool.ground.disk.held.open("../ledger.sqlite")
        let isKept = harness.spool.ground.syncing.push(
            .file(file) { _ in
                isSyncing.signal()
                syncs.wait()
            }, of: .number(1))
        #expect(isKept)
        isSyncing.wait()
        try close { isDone in again.withLock { $0 = isDone } }
        commits.signal()
        try eventually("refused") { first.withLock { $0 } == false }
        syncs.signal()
        try eventually("answered") { again.withLock { $0 } == true }
        try harness.ledger("DROP TRIGGER trouble")
        harness.clock.advance(10)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().count == 1 }
    }

    @Test func `tickets are never used twice, whatever happens to the process`() throws {
        let harness = try Harness()
        var tickets: Set<Ticket> = []
        for round in 1...3 {
            for number in 1...3 { try harness.putSet(round * 10 + number) }
            tickets.formUnion(try harness.rows().map(\.sealed.ticket))
            #expect(tickets.count == round * 3)
            try harness.reopen()
        }
    }
}

/// Errors thrown on several threads.
final class Failures: @unchecked Sendable {
    // Guarded by `lock`.
    private var errors: [any Error] = []
    private let lock = NSLock()

    var all: [any Error] { lock.withLock { errors } }

    func catching(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            lock.withLock { errors.append(error) }
        }
    }
}
