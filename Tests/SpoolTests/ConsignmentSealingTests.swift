import Exchange
import Foundation
import Synchronization
import Testing

@testable import Spool

@Suite struct ConsignmentSealingTests {
    private let stem = Harness.stem(1)

    private func inode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
    }

    @Test func `a set the ledger refuses goes back, can be changed, and is sealed when that is over`() throws
    {
        let harness = try Harness()
        let consignment = try harness.begin()
        try consignment.put("FI.\(stem).1.1", "<a/>")
        try harness.ledger(
            "CREATE TRIGGER trouble BEFORE INSERT ON fileSet BEGIN SELECT RAISE(ABORT, 'trouble'); END")
        #expect(throws: HomeFault.self) { try consignment.seal("GO.\(stem).1") }
        #expect(harness.files("held").isEmpty)
        #expect(harness.consigned(consignment.ticket) == ["FI.\(stem).1.1"])
        #expect(try consignment.text("FI.\(stem).1.1") == "<a/>")
        try consignment.put("FS.\(stem).1.1", "signature")
        try harness.ledger("DROP TRIGGER trouble")
        try consignment.seal("GO.\(stem).1")
        let row = try #require(try harness.rows().first)
        #expect(row.sealed.ticket == consignment.ticket)
        #expect(row.sealed.parts.map(\.digest) == [.of("<a/>"), .of("signature")])
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `after a failed step on the disk every byte is written anew`() throws {
        let harness = try Harness()
        let consignment = try harness.begin()
        try consignment.put("FI.\(stem).1.1", "<a/>")
        try consignment.put("FS.\(stem).1.1", "signature")
        let missing = harness.path("consigned/\(consignment.ticket)/FS.\(stem).1.1")
        try FileManager.default.removeItem(atPath: missing)
        #expect(throws: HomeFault.noSuchFile) { try consignment.seal("GO.\(stem).1") }
        let old = try inode(harness.path("consigned/\(consignment.ticket)/FI.\(stem).1.1"))
        _ = FileManager.default.createFile(atPath: missing, contents: Data("signature".utf8))
        try consignment.seal("GO.\(stem).1")
        #expect(try inode(harness.path("held/\(consignment.ticket)/FI.\(stem).1.1")) != old)
        #expect(
            try harness.rows().map { $0.sealed.parts.map(\.digest) } == [[.of("<a/>"), .of("signature")]])
        #expect(try harness.spool.findings().isEmpty)
    }

    /// One write, then what became of the sync its sender asked for.
    private enum Sync: CaseIterable {
        case failed
        case unanswered
        case done
    }

    @Test(arguments: Sync.allCases)
    private func `a file of a consignment is written anew unless its sync is known to have gone well`(
        sync: Sync
    ) throws {
        let harness = try Harness()
        let consignment = try #require(try harness.begin() as? OpenConsignment)
        let upload = try consignment.upload(try #require(FileName("FI.\(stem).1.1")), mode: .resume)
        try upload.write("<a/>", at: 0)
        let file = try #require(consignment.state.withLock { $0.files.files.values.first })
        let key = UploadKey(mailbox: .incoming, owner: try #require(file.owner), serial: file.serial)
        let version = try consignment.beginSync(key)
        if sync != .unanswered { consignment.endSync(key, version: version, failed: sync == .failed) }
        try upload.close()
        let old = try inode(harness.path("consigned/\(consignment.ticket)/FI.\(stem).1.1"))
        try consignment.seal("GO.\(stem).1")
        let new = try inode(harness.path("held/\(consignment.ticket)/FI.\(stem).1.1"))
        #expect((new == old) == (sync == .done))
        #expect(try harness.rows().map { $0.sealed.parts.map(\.digest) } == [[.of("<a/>")]])
        #expect(harness.files("held/\(consignment.ticket)") == ["FI.\(stem).1.1"])
    }

    @Test(arguments: Sync.allCases)
    private func `so is a file of a home`(sync: Sync) throws {
        let harness = try Harness()
        let name = try #require(FileName("FI.\(stem).1.1"))
        let upload = try harness.home().upload(name, in: .incoming, mode: .resume)
        try upload.write("<a/>", at: 0)
        let home = harness.spool.registry.home(of: .first)
        let file = try #require(try home.inside(.incoming) { files throws(HomeFault) in files[name] })
        let key = UploadKey(mailbox: .incoming, owner: try #require(file.owner), serial: file.serial)
        let version = try home.beginSync(key)
        if sync != .unanswered { home.endSync(key, version: version, failed: sync == .failed) }
        try upload.close()
        let old = try inode(harness.path("arriving/006400/IN/\(name)"))
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("GO.\(stem).1")
        let set = try harness.nextUndecided()
        #expect((try inode(harness.spool.path(of: set.parts[0], in: set.ticket)) == old) == (sync == .done))
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test
    func `sets of one sender stand in the ledger in the order they were sealed, whatever way they came`()
        throws
    {
        let harness = try Harness()
        let home = try harness.home()
        var answers: [Pending<Void>] = []
        for number in 1...40 {
            let stem = Harness.stem(number)
            // The odd ones take far longer to be synced.
            let text = String(repeating: "a", count: number.isMultiple(of: 2) ? 1 : 1_000_000)
            let name = try #require(FileName("GO.\(stem).1"))
            let answer = Pending<Void>()
            if number.isMultiple(of: 3) {
                try harness.put("FI.\(stem).1.1", text)
                try harness.put("FS.\(stem).1.1", "signature")
                let upload = try home.upload(name, in: .incoming, mode: .replace(exclusively: false))
                upload.close { answer.settle($0.mapError { SpoolFault(.disk, "\($0)") }) }
            } else {
                let consignment = try harness.begin()
                try consignment.put("FI.\(stem).1.1", text)
                consignment.seal(as: name, hasTrigger: true, mark: nil) {
                    answer.settle($0.mapError { SpoolFault(.disk, "\($0)") })
                }
            }
            answers.append(answer)
        }
        for answer in answers { try answer.wait() }
        #expect(try harness.rows().map(\.sealed.name.escaped) == (1...40).map { "GO.\(Harness.stem($0)).1" })
    }

    @Test func `a set that fails again and again leaves the order of its sender whole`() throws {
        let harness = try Harness()
        let unlucky = try harness.begin()
        try unlucky.put("a")
        try FileManager.default.removeItem(atPath: harness.path("consigned/\(unlucky.ticket)/a"))
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 5) { index in
            failures.catching {
                for number in 1...10 {
                    if index == 0 {
                        #expect(throws: HomeFault.noSuchFile) { try unlucky.seal("GO.x") }
                    } else {
                        try harness.consign(index * 100 + number)
                    }
                }
            }
        }
        #expect(failures.all.isEmpty)
        #expect(try harness.rows().count == 40)
        try unlucky.remove(try #require(FileName("a")))
        try unlucky.seal("GO.x")
        #expect(try harness.rows().count == 41)
    }
}
