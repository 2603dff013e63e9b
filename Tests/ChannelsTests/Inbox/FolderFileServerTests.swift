import Exchange
import Foundation
import Testing

@testable import Channels

@Suite struct FolderFileServerTests {
    private let directory: TemporaryDirectory
    private let files: any RemoteFiles

    init() throws {
        directory = try TemporaryDirectory()
        files = try FolderFileServer(root: directory.file("root")).connect(as: FolderFileServer.logIn)
    }

    private func path(_ text: String) throws -> RemotePath { try #require(RemotePath(text)) }

    private func put(_ name: String, _ text: String) throws {
        _ = try directory.write(text.utf8, to: "root/" + name)
    }

    private func write(_ text: String, _ name: String, from offset: UInt64 = 0) throws {
        var rest = Array(text.utf8)[...]
        try files.write(path(name), from: offset) { buffer in
            let piece = rest.prefix(min(3, buffer.count))
            buffer.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            return piece.count
        }
    }

    private func read(_ name: String, from offset: UInt64 = 0) throws -> String {
        var bytes: [UInt8] = []
        try files.read(path(name), from: offset) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func fault(_ body: () throws -> Void) -> RemoteFault.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? RemoteFault)?.kind
        }
    }

    @Test func `files are written, listed, read, renamed and removed`() throws {
        try files.makeDirectory(path("a"))
        try write("hello", "a/one")
        #expect(try read("a/one") == "hello")
        #expect(try read("a/one", from: 2) == "llo")
        #expect(try files.size(of: path("/a/one")) == 5)
        let entry = try #require(try files.list(path("a")).first)
        #expect(entry.name == Array("one".utf8) && entry.kind == .file && entry.size == 5)
        #expect(abs((entry.modifiedAt ?? 0) - Date().timeIntervalSince1970) < 3600)
        try write("other", "a/two")
        try files.rename(path("a/one"), to: path("a/two"))
        #expect(try files.list(path("a")).map(\.name) == [Array("two".utf8)])
        #expect(try read("a/two") == "hello")
        try files.remove(path("a/two"))
        #expect(try files.list(path("a")).isEmpty)
    }

    @Test func `a write at an offset goes on, one at the beginning begins anew`() throws {
        try write("hello", "one")
        try write("LLO", "one", from: 2)
        #expect(try read("one") == "heLLO")
        try write("x", "one")
        #expect(try read("one") == "x")
    }

    @Test func `a file put in the place of another is told from it, whatever its date`() throws {
        try put("one", "11111")
        let date = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1_000_000)]
        try FileManager.default.setAttributes(date, ofItemAtPath: directory.file("root/one"))
        let old = try files.list(path("/"))
        try put("two", "22222")
        try FileManager.default.setAttributes(date, ofItemAtPath: directory.file("root/two"))
        try files.rename(path("two"), to: path("one"))
        #expect(try files.list(path("/")) != old)
    }

    @Test func `no link is followed, on the way or at the end`() throws {
        _ = try directory.write("secret".utf8, to: "secret")
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: directory.file("root/link"), withDestinationPath: directory.file("secret"))
        try manager.createSymbolicLink(
            atPath: directory.file("root/way"), withDestinationPath: directory.path)
        #expect(Set(try files.list(path("/")).map(\.kind)) == [.other])
        #expect(fault { _ = try read("link") } == .notAllowed)
        #expect(fault { _ = try read("way/secret") } == .notAllowed)
        #expect(fault { _ = try read("../secret") } == .notAllowed)
        #expect(fault { _ = try files.list(path("way")) } == .notAllowed)
        #expect(fault { try write("x", "link", from: 3) } == .notAllowed)
        try write("mine", "link")
        #expect(try directory.read("secret") == Array("secret".utf8))
        #expect(try read("link") == "mine")
    }

    @Test func `directories and devices are no files`() throws {
        try files.makeDirectory(path("inner"))
        #expect(mkfifo(directory.file("root/pipe"), 0o600) == 0)
        #expect(try files.list(path("/")).filter { $0.kind == .file }.isEmpty)
        #expect(fault { _ = try read("inner") } == .notAllowed)
        #expect(fault { _ = try read("pipe") } == .notAllowed)
        #expect(fault { try files.remove(path("inner")) } == .notAllowed)
    }

    @Test func `what is missing, and what is there, has its kind`() throws {
        try files.makeDirectory(path("inner"))
        #expect(fault { try files.makeDirectory(path("inner")) } == .alreadyExists)
        #expect(fault { try files.remove(path("none")) } == .noSuchFile)
        #expect(fault { _ = try files.list(path("none")) } == .noSuchFile)
        #expect(fault { _ = try files.size(of: path("none")) } == .noSuchFile)
        #expect(fault { _ = try read("none") } == .noSuchFile)
        #expect(fault { try files.rename(path("none"), to: path("other")) } == .noSuchFile)
    }

    @Test func `what the caller throws ends a transfer and is its cause`() throws {
        struct Ours: Error {}
        try write("hello", "one")
        do {
            try files.read(path("one"), from: 0) { _ in throw Ours() }
            Issue.record("it did not end")
        } catch let fault as RemoteFault {
            #expect(fault.kind == .stopped && fault.cause is Ours)
        }
        do {
            try files.write(path("two"), from: 0) { _ in throw Ours() }
            Issue.record("it did not end")
        } catch let fault as RemoteFault {
            #expect(fault.kind == .stopped && fault.cause is Ours)
        }
    }

    @Test func `names of any bytes are listed, read and removed`() throws {
        let name: [UInt8] = [0xFF, 0x20, 0x0B] + Array(repeating: 0x78, count: 150)
        let bytes = (Array(directory.file("root/").utf8) + name + [0]).map { CChar(bitPattern: $0) }
        let made = open(bytes, O_CREAT | O_WRONLY, 0o600)
        #expect(made >= 0)
        close(made)
        #expect(try files.list(path("/")).map(\.name) == [name])
        try files.remove(try #require(path("/").appending(name)))
        #expect(try files.list(path("/")).isEmpty)
    }

    @Test func `more entries than allowed are not listed`() throws {
        let few = try FolderFileServer(root: directory.file("root"), entries: 2).connect(
            as: FolderFileServer.logIn)
        for name in ["a", "b"] { try put(name, "") }
        #expect(try few.list(path("/")).count == 2)
        try put("c", "")
        #expect(fault { _ = try few.list(path("/")) } == .tooMuch)
    }

    @Test func `a root that cannot be made is not reached`() throws {
        try put("file", "")
        #expect(
            fault {
                _ = try FolderFileServer(root: directory.file("root/file/x")).connect(
                    as: FolderFileServer.logIn)
            } == .unreachable)
    }
}
