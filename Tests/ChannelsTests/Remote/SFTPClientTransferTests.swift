import Foundation
import TestServers
import Testing

@testable import Channels

@Suite(.enabled(if: OpenSSHServer.isInstalled))
struct SFTPClientTransferTests {
    @Test(arguments: [0, 1, 20_000, 32_768, 32_769, 40_000_000])
    func `a file goes there and back`(count: Int) throws {
        let stand = try SFTPStand()
        let files = try stand.connect()
        let bytes = pattern(count)
        try files.write(path("f"), bytes)
        #expect(isTrue(stand.bytes("f") == bytes))
        #expect(try isTrue(files.readAll(path("f")) == bytes))
        #expect(try files.size(of: path("f")) == UInt64(count))
    }

    @Test func `an upload and a download go on where they ended`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect()
        let bytes = pattern(3_000_000)
        try files.write(path("f"), Array(bytes.prefix(1_234_567)))
        try files.write(path("f"), Array(bytes.dropFirst(1_234_567)), from: 1_234_567)
        #expect(isTrue(stand.bytes("f") == bytes))
        #expect(try isTrue(files.readAll(path("f"), from: 2_345_678) == Array(bytes.dropFirst(2_345_678))))
        #expect(try files.readAll(path("f"), from: 3_000_000).isEmpty)
        #expect(try files.readAll(path("f"), from: 9_000_000).isEmpty)
    }

    @Test func `a file written anew is as long as the new bytes`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect()
        try files.write(path("f"), pattern(100_000))
        try files.write(path("f"), [1, 2, 3])
        #expect(stand.bytes("f") == [1, 2, 3])
    }

    @Test func `to go on with a file that is not there is refused`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect()
        let place = try path("f")
        #expect(fault { () throws(RemoteFault) in try files.write(place, [1], from: 5) }?.kind == .noSuchFile)
        #expect(stand.bytes("f") == nil)
    }

    @Test func `keys are exchanged anew in the middle`() throws {
        let stand = try SFTPStand { $0.more = ["RekeyLimit 1M"] }
        let files = try stand.connect()
        let bytes = pattern(20_000_000)
        try files.write(path("f"), bytes)
        #expect(isTrue(stand.bytes("f") == bytes))
        #expect(try isTrue(files.readAll(path("f")) == bytes))
    }

    @Test(arguments: [true, false])
    func `a file is renamed in the place of another, with the extension or without`(inPlace: Bool) throws {
        let stand = try SFTPStand { $0.renamesInPlace = inPlace }
        let files = try stand.connect()
        try stand.put([1], "a")
        try stand.put([2], "b")
        try files.rename(path("a"), to: path("b"))
        #expect(stand.bytes("a") == nil)
        #expect(stand.bytes("b") == [1])
        try files.rename(path("b"), to: path("c"))
        #expect(stand.bytes("c") == [1])
        let (gone, target) = (try path("a"), try path("c"))
        #expect(
            fault { () throws(RemoteFault) in try files.rename(gone, to: target) }?.breaksConnection == false)
        #expect(stand.bytes("c") == [1])
    }

    @Test func `a server that does not sync is not asked to`() throws {
        let stand = try SFTPStand { $0.syncs = false }
        let files = try stand.connect()
        try files.write(path("f"), [1])
        #expect(stand.bytes("f") == [1])
    }

    @Test func `files and directories are removed, made and missed`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect()
        let (file, directory, none) = (try path("f"), try path("d"), try path("d/none/x"))
        try files.write(file, [1])
        try files.makeDirectory(directory)
        #expect(
            fault { () throws(RemoteFault) in try files.makeDirectory(directory) }?.kind == .alreadyExists)
        #expect(fault { () throws(RemoteFault) in try files.makeDirectory(none) }?.kind == .noSuchFile)
        try files.remove(file)
        #expect(fault { () throws(RemoteFault) in try files.remove(file) }?.kind == .noSuchFile)
        #expect(fault { () throws(RemoteFault) in _ = try files.size(of: file) }?.kind == .noSuchFile)
        #expect(fault { () throws(RemoteFault) in _ = try files.readAll(file) }?.kind == .noSuchFile)
        #expect(fault { () throws(RemoteFault) in _ = try files.list(file) }?.kind == .noSuchFile)
        #expect(fault { () throws(RemoteFault) in try files.write(none, [1]) }?.kind == .noSuchFile)
        #expect(fault { () throws(RemoteFault) in try files.write(directory, [1]) }?.kind == .notAllowed)
        // After all these refusals the connection is as good as before.
        try files.write(file, [2])
        #expect(try files.readAll(file) == [2])
    }

    @Test func `a full disk is told from a refusal`() throws {
        let stand = try SFTPStand { $0.syncs = false }
        let files = try stand.connect()
        let full = try path("/dev/full")
        #expect(fault { () throws(RemoteFault) in try files.write(full, [1]) }?.kind == .tooMuch)
    }

    @Test func `five thousand entries are listed, and one more than allowed is too much`() throws {
        let stand = try SFTPStand()
        for number in 0..<5_000 { try stand.put([], "n\(number)") }
        let names = Set((0..<5_000).map { Array("n\($0)".utf8) })
        let listed = try stand.connect { $0.entriesAtMost = 5_000 }.list(path("."))
        #expect(listed.count == 5_000)
        #expect(isTrue(Set(listed.map(\.name)) == names))
        let files = try stand.connect { $0.entriesAtMost = 4_999 }
        let place = try path(".")
        #expect(fault { () throws(RemoteFault) in _ = try files.list(place) }?.kind == .tooMuch)
        #expect(try files.size(of: path("n1")) == 0)
    }

    @Test func `names are bytes`() throws {
        let stand = try SFTPStand()
        let names: [[UInt8]] = [
            Array("with space".utf8), Array("été-Ω.xml".utf8), [0x66, 0xE9, 0xFF], Array("*?[a]".utf8),
            Array("-rf".utf8),
        ]
        let files = try stand.connect()
        let home = try path(".")
        for name in names { try files.write(try #require(home.appending(name)), name) }
        // No path of ours can have a line feed, but a listing can.
        let broken = Array("two\nlines".utf8)
        try stand.put(broken, "two\nlines")
        let listed = try files.list(home)
        #expect(Set(listed.map(\.name)) == Set(names + [broken]))
        #expect(listed.allSatisfy { $0.kind == .file && $0.size == UInt64($0.name.count) })
        for name in names { #expect(try files.readAll(try #require(home.appending(name))) == name) }
    }

    @Test func `a listing tells files from directories and links, and when they changed`() throws {
        let stand = try SFTPStand()
        try stand.put([1, 2], "file")
        try FileManager.default.createDirectory(
            atPath: stand.server.home + "/directory", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: stand.server.home + "/link", withDestinationPath: "file")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)],
            ofItemAtPath: stand.server.home + "/file")
        let listed = try stand.connect().list(path("."))
        let kinds = Dictionary(uniqueKeysWithValues: listed.map { ($0.name, $0.kind) })
        #expect(
            kinds == [
                Array("file".utf8): .file, Array("directory".utf8): .directory, Array("link".utf8): .other,
            ])
        #expect(listed.first { $0.kind == .file }?.modifiedAt == 1_600_000_000)
        #expect(listed.first { $0.kind == .file }?.stamp == "1600000000")
    }

    @Test func `sets of many small files are all there`() throws {
        let stand = try SFTPStand()
        let files = try stand.connect()
        let sets = try (0..<100).map { set in
            [
                RemoteUpload(try path("FI.\(set)"), bytes: pattern(20_000, seed: UInt64(set))),
                RemoteUpload(try path("FS.\(set)"), bytes: pattern(3_000, seed: UInt64(set))),
                RemoteUpload(try path("GO.\(set)"), bytes: []),
            ]
        }
        var done: Set<Int> = []
        try files.writeAll(sets) { set, refusal in
            #expect(refusal == nil)
            #expect(stand.bytes("GO.\(set)") == [])
            done.insert(set)
        }
        #expect(done.count == 100)
        for set in 0..<100 {
            #expect(isTrue(stand.bytes("FI.\(set)") == pattern(20_000, seed: UInt64(set))))
            #expect(isTrue(stand.bytes("FS.\(set)") == pattern(3_000, seed: UInt64(set))))
        }
    }
}
