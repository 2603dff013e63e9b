import Exchange
import TestServers
import Testing

@testable import Channels

@Suite struct VirtualPathTests {
    @Test(arguments: [
        "", "/", ".", "./", "//", "/..", "../..", "/IN/..", "IN/x/../..", "/../../.", "/IN/../../..",
    ])
    func `every way up ends at the root`(path: String) throws {
        #expect(try VirtualPath(Array(path.utf8)) == .root)
        #expect(VirtualPath.canonical(Array(path.utf8)) == Array("/".utf8))
    }

    @Test(arguments: ["/IN", "IN", "IN/", "//IN//", "./IN/.", "/OUT/../IN", "/../IN", "/IN/x/.."])
    func `a directory is found however it is written`(path: String) throws {
        #expect(try VirtualPath(Array(path.utf8)) == .directory(.incoming))
        #expect(VirtualPath.canonical(Array(path.utf8)) == Array("/IN".utf8))
    }

    @Test(arguments: ["/IN/a", "IN/a", "/IN//a/", "/nowhere/../IN/./a"])
    func `a file is found however it is written`(path: String) throws {
        #expect(try VirtualPath(Array(path.utf8)) == .file(.incoming, #require(FileName("a"))))
    }

    @Test(arguments: [
        "/etc/passwd", "/in", "/In/a", "/IN/a/b", "/INX", "/IN\0", "/ IN", "/IN/../../etc/passwd", "/IN\\a",
        "/ＩＮ/a",
    ])
    func `there is nothing else`(path: String) {
        #expect(throws: VirtualPath.Fault.outside) { try VirtualPath(Array(path.utf8)) }
    }

    @Test func `a name has 80 bytes at the most`() throws {
        let longest = [UInt8](repeating: 0x41, count: 80)
        #expect(
            try VirtualPath(Array("/IN/".utf8) + longest) == .file(.incoming, #require(FileName(longest))))
        for count in [81, 255, 256, 100_000] {
            #expect(throws: VirtualPath.Fault.nameTooLong) {
                try VirtualPath(Array("/IN/".utf8) + [UInt8](repeating: 0x41, count: count))
            }
        }
    }

    @Test func `control characters and bytes outside UTF-8 make a name, NUL does not`() throws {
        for byte in UInt8.min ... .max where byte != 0 && byte != 0x2F && byte != 0x2E {
            #expect(
                try VirtualPath(Array("/IN/".utf8) + [byte]) == .file(.incoming, #require(FileName([byte]))))
        }
        #expect(throws: VirtualPath.Fault.notAName) { try VirtualPath(Array("/IN/a\0b".utf8)) }
    }

    @Test func `bytes outside UTF-8 are no directory`() {
        #expect(throws: VirtualPath.Fault.outside) { try VirtualPath([0x2F, 0x49, 0x4E, 0xFF]) }
    }

    @Test func `random paths never leave the tree`() {
        var generator = SeededGenerator(seed: 1)
        let pieces = ["..", ".", "", "IN", "OUT", "a", "..\\", "...", "INTEST-S", "%2e%2e", "\u{1}"]
        for _ in 0..<5_000 {
            let path = (0..<Int.random(in: 0...8, using: &generator))
                .compactMap { _ in pieces.randomElement(using: &generator) }.joined(separator: "/")
            let canonical = VirtualPath.canonical(Array(path.utf8))
            #expect(canonical.first == 0x2F)
            #expect(!canonical.split(separator: 0x2F).contains { $0.elementsEqual([0x2E, 0x2E]) })
            #expect(VirtualPath.canonical(canonical) == canonical)
        }
    }
}
