import Crypto
import Exchange
import Foundation
import Testing

@testable import Spool

@Suite struct LiveUploadTests {
    private let stem = Harness.stem(1)

    private func begin(_ name: String, in harness: Harness, _ mode: UploadMode = .replace(exclusively: false))
        throws -> any Upload
    {
        try harness.home().upload(try #require(FileName(name)), in: .incoming, mode: mode)
    }

    private func key(_ name: String, in harness: Harness) throws -> (home: Home, key: UploadKey) {
        let home = harness.spool.registry.home(of: .first)
        let name = try #require(FileName(name))
        let arrival = try #require(
            try home.inside(.incoming) { arrivals throws(HomeFault) in arrivals[name] })
        let owner = try #require(arrival.owner)
        return (home, UploadKey(mailbox: .incoming, owner: owner, serial: arrival.serial))
    }

    @Test func `a file still being uploaded is not cut by the wait of its GO`() throws {
        let harness = try Harness()
        let upload = try begin("FI.\(stem).1.1", in: harness)
        try upload.write("<a", at: 0)
        try harness.put("GO.\(stem).1")
        harness.clock.advance(300)
        harness.spool.sweeper.sealOverdue()
        try upload.write("/>", at: 2)
        harness.clock.advance(599)
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.names().count == 2)
        try upload.close()
        try harness.put("FS.\(stem).1.1", "signature")
        #expect(try harness.rows().map { $0.sealed.parts.map(\.size) } == [[4, 9]])
    }

    @Test func `who is cut off while a GO waits may come back and go on`() throws {
        let harness = try Harness()
        let upload = try begin("FI.\(stem).1.1", in: harness)
        try upload.write("<a", at: 0)
        try harness.put("GO.\(stem).1")
        harness.clock.advance(300)
        upload.abandon()
        harness.clock.advance(4)
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.names().count == 2)
        harness.clock.advance(1)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().map { $0.sealed.parts.map(\.size) } == [[2]] }
    }

    @Test func `half a file found at opening is not sealed at once and can be finished`() throws {
        let harness = try Harness()
        try begin("FI.\(stem).1.1", in: harness).write("<a", at: 0)
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("GO.\(stem).1")
        try harness.reopen()
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.rows().isEmpty)
        #expect(try harness.names().count == 3)
        let upload = try begin("FI.\(stem).1.1", in: harness, .resume)
        harness.clock.advance(60)
        harness.spool.sweeper.sealOverdue()
        try upload.write("/>", at: upload.size)
        try upload.close()
        #expect(try harness.rows().isEmpty)
        harness.clock.advance(5)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().map { $0.sealed.parts.map(\.size) } == [[4, 9]] }
        #expect(try harness.rows().map(\.sealed.hasTrigger) == [true])
    }

    @Test(arguments: [true, false])
    func `a late write of a superseded upload is in the digest`(endsBeforeClosing: Bool) throws {
        let harness = try Harness()
        let name = "FI.\(stem).1.1"
        let old = try begin(name, in: harness)
        let (home, key) = try key(name, in: harness)
        try home.beginWrite(key, upTo: 4)
        let new = try begin(name, in: harness, .resume)
        try new.write("<a/>", at: 0)
        if !endsBeforeClosing { try new.close() }
        let file = try #require(FileHandle(forWritingAtPath: harness.path("arriving/006400/IN/\(name)")))
        try file.write(contentsOf: Data("late".utf8))
        try file.close()
        home.endWrite(key, size: 4)
        if endsBeforeClosing { try new.close() }
        #expect(throws: HomeFault.superseded) { try old.close() }
        try harness.put("FS.\(stem).1.1", "signature")
        try harness.put("GO.\(stem).1")
        let part = try #require(try harness.rows().first?.sealed.parts.first)
        #expect(part.digest == Digest(SHA256.hash(data: Array("late".utf8))))
        #expect(try harness.spool.findings().isEmpty)
    }

    @Test func `a rename that fails leaves its target, and whoever waits for it, as they were`() throws {
        let harness = try Harness()
        let trigger = "GO.\(stem).1"
        let answer = try waitingGO(trigger, in: harness)
        try harness.put("x.tmp")
        try FileManager.default.removeItem(atPath: harness.path("arriving/006400/IN/x.tmp"))
        #expect(throws: HomeFault.noSuchFile) {
            try harness.home().rename("x.tmp", to: trigger, replacing: true)
        }
        #expect(harness.files("arriving/006400/IN") == [trigger])
        #expect(try harness.names() == [trigger, "x.tmp"])
        try harness.put("y.tmp")
        try harness.home().rename("y.tmp", to: trigger, replacing: true)
        #expect(throws: SpoolFault(.disk, "superseded")) { try answer.wait() }
    }

    @Test func `a GO that cannot be replaced stays, and whoever waits for it goes on waiting`() throws {
        let harness = try Harness()
        let trigger = "GO.\(stem).1"
        let answer = try waitingGO(trigger, in: harness)
        let obstacle = harness.path("arriving/006400/IN/~new")
        try FileManager.default.createDirectory(atPath: "\(obstacle)/x", withIntermediateDirectories: true)
        #expect(throws: HomeFault.self) { try begin(trigger, in: harness) }
        try FileManager.default.removeItem(atPath: obstacle)
        #expect(harness.files("arriving/006400/IN") == [trigger])
        #expect(try harness.home().entry(named: try #require(FileName(trigger)), in: .incoming).size == 0)
        let upload = try begin(trigger, in: harness)
        #expect(throws: SpoolFault(.disk, "superseded")) { try answer.wait() }
        upload.abandon()
    }

    @Test func `a renamed file takes its channel along and forgets that of the file it replaces`() throws {
        let harness = try Harness()
        try harness.put("a.tmp", "a", over: .folder)
        try harness.put("b.tmp", "b", over: .web)
        try harness.home().rename("b.tmp", to: "a.tmp", replacing: true)
        #expect(harness.files("arriving/006400/IN") == ["a.tmp", "~web.a.tmp"])
    }

    /// An early GO whose sender still waits; the answer is a fault when it is one.
    private func waitingGO(_ name: String, in harness: Harness) throws -> Pending<Void> {
        try harness.put(name)
        let answer = Pending<Void>()
        let file = try #require(FileName(name))
        let set = try PartName(file).set
        let now = harness.clock.now
        try harness.spool.registry.home(of: .first).inside(.incoming) { arrivals throws(HomeFault) in
            let trigger = EarlyTrigger(set: set, since: now) { result in
                answer.settle(result.mapError { SpoolFault(.disk, "\($0)") })
            }
            arrivals.keep(trigger, named: file)
        }
        return answer
    }
}
