import Crypto
import Exchange
import Foundation
import Testing

@testable import Spool

@Suite struct UploadTests {
    private let name = FileName("FI.\(Harness.stem(1)).1.1")

    @Test func `the newest upload owns a file, an older one fails at its next call`() throws {
        let harness = try Harness()
        let home = try harness.home()
        let name = try #require(self.name)
        let old = try home.upload(name, in: .incoming, mode: .replace(exclusively: false))
        try old.write("old bytes", at: 0)
        let new = try home.upload(name, in: .incoming, mode: .replace(exclusively: false))
        #expect(throws: HomeFault.superseded) { try old.write("more", at: 9) }
        try new.write("new", at: 0)
        #expect(throws: HomeFault.superseded) { try old.close() }
        try new.close()
        #expect(try home.text(name.escaped, in: .incoming) == "new")
        #expect(throws: HomeFault.alreadyExists) {
            try home.upload(name, in: .incoming, mode: .replace(exclusively: true))
        }
    }

    @Test func `replacing does not change what a reader has open`() throws {
        let harness = try Harness()
        let home = try harness.home()
        let name = try #require(self.name)
        try home.put(name, Array("first".utf8), in: .incoming)
        let reader = try home.download(name, in: .incoming)
        try home.put(name, Array("second".utf8), in: .incoming)
        var bytes = [UInt8](repeating: 0, count: 10)
        let count = try bytes.withUnsafeMutableBytes { try reader.read(into: $0, at: 0) }
        #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "first")
        #expect(try bytes.withUnsafeMutableBytes { try reader.read(into: $0, at: 5) } == 0)
    }

    @Test func `a waiting GO whose next upload cannot begin stays, and makes its set`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("GO.\(stem).1")
        // Stands for a disk without room: no file can be made that takes the place of another.
        let obstacle = harness.path("arriving/006400/IN/~new")
        try FileManager.default.createDirectory(atPath: "\(obstacle)/x", withIntermediateDirectories: true)
        #expect(throws: HomeFault.self) { try harness.put("GO.\(stem).1") }
        #expect(throws: HomeFault.self) { try harness.put("GO.\(stem).1", over: .web) }
        #expect(harness.files("arriving/006400/IN") == ["GO.\(stem).1", "~new"])
        try FileManager.default.removeItem(atPath: obstacle)
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("FS.\(stem).1.1", "signature")
        #expect(try harness.rows().map(\.sealed.hasTrigger) == [true])
        #expect(harness.files("arriving/006400/IN").isEmpty)
    }

    @Test func `a file sent again has the channel it was sent over last`() throws {
        let harness = try Harness()
        try harness.put("x.tmp", "old", over: .web)
        try harness.put("x.tmp", "new", over: .folder)
        #expect(harness.files("arriving/006400/IN") == ["x.tmp", "~folder.x.tmp"])
        try harness.put("x.tmp", "newest")
        #expect(harness.files("arriving/006400/IN") == ["x.tmp"])
        #expect(try harness.home().text("x.tmp", in: .incoming) == "newest")
    }

    @Test func `what a crash left of a file that was to take another's place is removed`() throws {
        let harness = try Harness()
        try harness.put("x.tmp", "old")
        try harness.reopen { try Data().write(to: URL(filePath: harness.path("arriving/006400/IN/~new"))) }
        #expect(try harness.names() == ["x.tmp"])
        #expect(harness.files("arriving/006400/IN") == ["x.tmp"])
    }

    @Test func `an upload broken off triggers nothing and is resumed with the right digest`() throws {
        let harness = try Harness()
        let home = try harness.home()
        let name = try #require(self.name)
        let first = try home.upload(name, in: .incoming, mode: .replace(exclusively: false))
        try first.write("hello ", at: 0)
        first.abandon()
        try harness.put("FS.\(Harness.stem(1)).1.1", "signature")
        try harness.put("GO.\(Harness.stem(1)).1")
        #expect(try harness.rows().isEmpty)
        #expect(try home.entry(named: name, in: .incoming).size == 6)
        let second = try home.upload(name, in: .incoming, mode: .resume)
        #expect(second.size == 6)
        try second.write("world", at: second.size)
        try second.close()
        let row = try #require(try harness.rows().first)
        #expect(row.sealed.parts[0].digest == Digest(SHA256.hash(data: Array("hello world".utf8))))
        #expect(row.sealed.parts[0].size == 11)
    }

    @Test func `a GO broken off is no GO`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).1.1", "<a/>")
        try harness.put("FS.\(stem).1.1", "signature")
        let trigger = try #require(FileName("GO.\(stem).1"))
        try harness.home().upload(trigger, in: .incoming, mode: .replace(exclusively: false)).abandon()
        harness.clock.advance(60)
        harness.spool.sweeper.sealOverdue()
        #expect(try harness.rows().isEmpty)
        try harness.home().upload(trigger, in: .incoming, mode: .resume).close()
        #expect(try harness.rows().count == 1)
    }

    @Test(arguments: [[0, 4, 8], [8, 0, 4], [4, 8, 0], [0, 8, 4], [8, 4, 0]])
    func `writes may come in any order`(order: [UInt64]) throws {
        let harness = try Harness()
        let name = try #require(self.name)
        let upload = try harness.home().upload(name, in: .incoming, mode: .replace(exclusively: false))
        for offset in order { try upload.write(String(repeating: "\(offset)", count: 4), at: offset) }
        try upload.resize(to: 10)
        try upload.close()
        try harness.put("FS.\(Harness.stem(1)).1.1", "signature")
        try harness.put("GO.\(Harness.stem(1)).1")
        let part = try #require(try harness.rows().first?.sealed.parts.first)
        #expect(part.digest == Digest(SHA256.hash(data: Array("0000444488".utf8))))
        #expect(part.size == 10)
    }

    @Test func `an overwritten byte is in the digest`() throws {
        let harness = try Harness()
        let upload = try harness.home().upload(
            try #require(self.name), in: .incoming, mode: .replace(exclusively: false))
        try upload.write("aaaa", at: 0)
        try upload.write("b", at: 1)
        try upload.write("aa", at: 2)
        try upload.close()
        try harness.put("FS.\(Harness.stem(1)).1.1", "signature")
        try harness.put("GO.\(Harness.stem(1)).1")
        let part = try #require(try harness.rows().first?.sealed.parts.first)
        #expect(part.digest == Digest(SHA256.hash(data: Array("abaa".utf8))))
    }

    @Test func `limits hold: size of a file, files in a directory, room on the disk`() throws {
        var limits = SpoolLimits.forTests
        limits.fileSize = 10
        limits.filesPerMailbox = 2
        let harness = try Harness(limits: limits)
        let home = try harness.home()
        let upload = try home.upload(try #require(name), in: .incoming, mode: .replace(exclusively: false))
        try upload.write("1234567890", at: 0)
        #expect(throws: HomeFault.tooLarge) { try upload.write("1", at: 10) }
        #expect(throws: HomeFault.tooLarge) { try upload.write("1", at: .max) }
        #expect(throws: HomeFault.tooLarge) { try upload.resize(to: 11) }
        #expect(upload.size == 10)
        try harness.put("second")
        #expect(throws: HomeFault.tooManyFiles) { try harness.put("third") }
        try harness.put("second", "again")
        try harness.put("third", in: .incomingTest)

        limits.freeFloor = .max
        try harness.reopen(limits: limits)
        #expect(throws: HomeFault.outOfSpace) { try harness.put("second") }
        #expect(try harness.names().count == 2)
    }

    @Test func `one home never shows another's files`() throws {
        let harness = try Harness()
        let other = SenderNumber.number(6401)
        try harness.put("secret.txt", "mine")
        #expect(try harness.names(of: other).isEmpty)
        let name = try #require(FileName("secret.txt"))
        #expect(throws: HomeFault.noSuchFile) { try harness.home(other).download(name, in: .incoming) }
        #expect(throws: HomeFault.noSuchFile) { try harness.home(other).remove(name, in: .incoming) }
        for mailbox in Mailbox.allCases where mailbox != .incoming {
            #expect(try harness.home().entries(in: mailbox).isEmpty)
        }
        try harness.put("secret.txt", "theirs", by: other)
        #expect(try harness.home().text("secret.txt", in: .incoming) == "mine")
        #expect(try harness.home(over: .folder).text("secret.txt", in: .incoming) == "mine")
    }

    @Test func `outgoing directories take nothing`() throws {
        let harness = try Harness()
        for mailbox in Mailbox.allCases where !mailbox.takesUploads {
            #expect(throws: HomeFault.notAllowed) { try harness.put("x", in: mailbox) }
        }
    }

    @Test func `a removed file is gone and its upload with it`() throws {
        let harness = try Harness()
        let home = try harness.home()
        let name = try #require(self.name)
        let upload = try home.upload(name, in: .incoming, mode: .replace(exclusively: false))
        try home.remove(name, in: .incoming)
        #expect(throws: HomeFault.superseded) { try upload.write("x", at: 0) }
        #expect(throws: HomeFault.noSuchFile) { try home.entry(named: name, in: .incoming) }
        #expect(throws: HomeFault.noSuchFile) { try home.remove(name, in: .incoming) }
        #expect(harness.files("arriving/006400/IN").isEmpty)
    }

    @Test func `a file can be synced while it is written`() throws {
        let harness = try Harness()
        let upload = try harness.home().upload(
            try #require(name), in: .incoming, mode: .replace(exclusively: false))
        try upload.write("<a/>", at: 0)
        try settled { upload.sync(completion: $0) }.get()
        try upload.close()
        #expect(throws: HomeFault.superseded) { try settled { upload.sync(completion: $0) }.get() }
    }

    @Test func `an idle home is not kept in memory`() throws {
        let harness = try Harness()
        try harness.put("x")
        weak let home = harness.spool.registry.home(of: .first)
        #expect(home != nil)
        try harness.home().remove(try #require(FileName("x")), in: .incoming)
        #expect(home == nil)
    }

    @Test func `the channel of a file is still known after a restart`() throws {
        let harness = try Harness()
        let stem = Harness.stem(1)
        try harness.put("FI.\(stem).1.1", "<a/>", over: .folder)
        try harness.put("GO.\(stem).1", over: .folder)
        try harness.put("x.tmp", "signature", over: .web)
        try harness.reopen()
        #expect(try harness.names() == ["FI.\(stem).1.1", "GO.\(stem).1", "x.tmp"])
        try harness.home(over: .folder).rename("x.tmp", to: "FS.\(stem).1.1")
        harness.clock.advance(5)
        harness.spool.sweeper.sealOverdue()
        try eventually("sealed") { try harness.rows().map(\.sealed.channel) == [.folder] }
        #expect(harness.files("arriving/006400/IN").isEmpty)
    }
}
