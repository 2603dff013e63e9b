import TestServers
import Testing

@testable import Channels

/// The readers of listings and answers: pure functions of what strangers write.
@Suite struct FTPLineTests {
    private func entryOf(_ line: FTPLine) -> RemoteEntry? {
        if case .entry(let entry) = line { entry } else { nil }
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    // MARK: MLSD

    @Test func `a line of MLSD tells kind, size and time`() throws {
        let line = FTPLine.machine(bytes("Type=file;Size=1234;Modify=20261121122501;UNIX.mode=0600; FI.X  a"))
        let entry = try #require(entryOf(line))
        #expect(entry.name == bytes("FI.X  a"))
        #expect(entry.kind == .file)
        #expect(entry.size == 1234)
        #expect(entry.stamp == "20261121122501")
        #expect(entry.modifiedAt == 1_795_263_901)
    }

    @Test(
        arguments: [
            ("type=dir;sizd=4096; d", RemoteEntry.Kind.directory, nil), ("TYPE=FILE;SIZE=0; e", .file, 0),
            ("type=OS.unix=slink:/etc;size=4; l", .other, nil), ("type=OS.unix=chr-1/3; c", .other, nil),
            ("size=5; untold", .other, nil), (" bare", .other, nil), ("type=file; nosize", .file, nil),
            ("type=file;size=-1; minus", .file, nil),
            ("type=file;size=99999999999999999999; huge", .file, nil),
            ("type=file;size=18446744073709551615; most", .file, UInt64.max),
            ("type=file;size=5;;; f", .file, 5),
        ] as [(String, RemoteEntry.Kind, UInt64?)])
    func `facts of MLSD are taken as they are meant, or not at all`(
        line: String, kind: RemoteEntry.Kind, size: UInt64?
    ) throws {
        let entry = try #require(entryOf(.machine(bytes(line))))
        #expect(entry.kind == kind)
        #expect(entry.size == size)
    }

    @Test(
        arguments: [
            ("20261121122501.5", 1_795_263_901.5), ("20261121122501", 1_795_263_901), ("19700101000000", 0),
            ("20261321122501", nil), ("20261121252501", nil), ("2026112112250", nil),
            ("202611211225011", nil),
            ("20261121122501.", nil), ("2026112112250x", nil), ("+0261121122501", nil), ("", nil),
        ] as [(String, Double?)])
    func `a time of MLSD is one or none`(text: String, seconds: Double?) throws {
        let entry = try #require(entryOf(.machine(bytes("type=file;modify=\(text); x"))))
        #expect(entry.modifiedAt == seconds)
        #expect(entry.stamp == (seconds == nil ? "" : text))
    }

    @Test(arguments: [
        "type=cdir; .", "type=pdir; ..", "type=cdir; /home", "type=file; ", "type=file; a/b",
        "type=file; .", "type=dir; ..",
    ])
    func `a line of MLSD that names nothing to be had is left out`(line: String) {
        #expect(FTPLine.machine(bytes(line)) == .nothing)
    }

    @Test(arguments: ["", "x", "type=file;size=1;name", "factless; x", "total 5"])
    func `a line that is none of MLSD is known to be none`(line: String) {
        #expect(FTPLine.machine(bytes(line)) == .unknown)
    }

    @Test func `names are bytes, and dangerous ones are dropped`() throws {
        let entry = try #require(entryOf(.machine(bytes("type=file; ") + [0xFF, 0xFE, 0x20])))
        #expect(entry.name == [0xFF, 0xFE, 0x20])
        #expect(FTPLine.machine(bytes("type=file; a") + [0]) == .nothing)
        #expect(FTPLine.machine(bytes("type=file; a") + [0x0D] + bytes("b")) == .nothing)
        #expect(FTPLine.human(bytes("-rw-r--r-- 1 o g 5 Nov 21 12:25 ../x")) == .nothing)
        #expect(FTPLine.human(bytes("-rw-r--r-- 1 o g 5 Nov 21 12:25 ..")) == .nothing)
    }

    // MARK: LIST

    @Test(
        arguments: [
            (
                "-rw-r--r--   1 owner    group        1234 Nov 21 12:25 name", "name", .file, 1234,
                "Nov 21 12:25"
            ),
            (
                "-rw-r--r--   1 owner    group        1234 Nov  2  2025 two  words ", "two  words ", .file,
                1234,
                "Nov 2 2025"
            ),
            (
                "drwxr-xr-x    2 1        1            4096 Nov 21 12:25 IN", "IN", .directory, nil,
                "Nov 21 12:25"
            ),
            ("-rw-r--r--+ 1 owner 1234 Nov 21 12:25 nogroup", "nogroup", .file, 1234, "Nov 21 12:25"),
            (
                "-rw-r--r-- 1 Domain Users Some Group 1234 nov 21 12:25 spaces", "spaces", .file, 1234,
                "nov 21 12:25"
            ),
            ("-rw-r--r-- 1 owner group 1234 2026-11-21 12:25 iso", "iso", .file, 1234, "2026-11-21 12:25"),
            ("-rw-r--r-- 1 owner group 1234 21 Nov 12:25 turned", "turned", .file, 1234, "21 Nov 12:25"),
            (
                "-rw-r--r-- 1 owner group 1234 Nov 21 12:25:01 seconds", "seconds", .file, 1234,
                "Nov 21 12:25:01"
            ),
            (
                "lrwxrwxrwx 1 owner group 11 Nov 21 12:25 link -> target -> x", "link", .other, nil,
                "Nov 21 12:25"
            ),
            ("-rw-r--r-- 1 owner group 11 Nov 21 12:25 a -> b", "a -> b", .file, 11, "Nov 21 12:25"),
            ("crw-rw-rw- 1 root root 1, 3 Nov 21 12:25 null", "null", .other, nil, "Nov 21 12:25"),
            ("prw-r--r-- 1 o g 0 Nov 21 12:25 pipe", "pipe", .other, nil, "Nov 21 12:25"),
            ("-rw-r--r-- 1 o g 5 Nov 21 12:25  leading", " leading", .file, 5, "Nov 21 12:25"),
            (
                "-rw-r--r-- 1 o g 5 Nov 21 12:25 5 Nov 21 12:25 x", "5 Nov 21 12:25 x", .file, 5,
                "Nov 21 12:25"
            ),
            (
                "---------- 1 owner group 1803128 Jul 10 10:18 ls-lR.Z", "ls-lR.Z", .file, 1_803_128,
                "Jul 10 10:18"
            ),
            (
                "11-21-26  12:25PM       <DIR>          sub dir", "sub dir", .directory, nil,
                "11-21-26 12:25PM"
            ),
            ("11-21-26  12:25PM                 1234 a file", "a file", .file, 1234, "11-21-26 12:25PM"),
            ("11-21-2026  12:25                 1234  led", " led", .file, 1234, "11-21-2026 12:25"),
            ("2026-11-21  12:25    <DIR>          iso", "iso", .directory, nil, "2026-11-21 12:25"),
            ("11/21/2026  01:25 AM  <JUNCTION>     j", "", .other, nil, ""),
            ("11-21-26  12:25PM       <SYMLINKD>     link", "link", .other, nil, "11-21-26 12:25PM"),
        ] as [(String, String, RemoteEntry.Kind, UInt64?, String)])
    func `LIST is read in the forms of Unix and Windows`(
        line: String, name: String, kind: RemoteEntry.Kind, size: UInt64?, stamp: String
    ) throws {
        guard !name.isEmpty else { return #expect(FTPLine.human(bytes(line)) == .unknown) }
        let entry = try #require(entryOf(.human(bytes(line))), "\(line)")
        #expect(entry.name == bytes(name))
        #expect(entry.kind == kind)
        #expect(entry.size == size)
        #expect(entry.stamp == stamp)
        #expect(entry.modifiedAt == nil)
    }

    @Test(arguments: ["drwxr-xr-x 2 o g 4096 Nov 21 12:25 .", "drwxr-xr-x 2 o g 1 Nov 21 12:25"])
    func `an entry of LIST that cannot be had is left out`(line: String) {
        #expect(FTPLine.human(bytes(line)) == .nothing)
    }

    @Test(arguments: ["", "   ", "total 12"])
    func `what LIST writes besides is left out`(line: String) {
        #expect(FTPLine.human(bytes(line)) == .blank)
    }

    @Test(arguments: [
        "total", "+i8388621.48594,m825718503,r,s280,\teplf", "FILE.TXT;1 5/10 21-NOV-2026 12:25:01.00 [G,O]",
        "-rw-r--r-- 1 o g five Nov 21 12:25 x", "-rw-r--r-- 1 o g 5 Nov 32 12:25 x",
        "-rw-r--r-- 1 o g 5 Nov 21 1225x x", "11-21-26 12:25PM big x", "11-21-26", "99999999999999999999 x y",
        "?rwxr-xr-x 1 o g 5 Nov 21 12:25 x", "drwx",
    ])
    func `what is no line of LIST is known to be none`(line: String) {
        #expect(FTPLine.human(bytes(line)) == .unknown)
    }

    @Test func `no line makes a reader fail, or give a name that leads elsewhere`() {
        var random = SeededGenerator(seed: 21)
        let seeds = [
            "Type=file;Size=1234;Modify=20261121122501; name", "-rw-r--r-- 1 o g 1234 Nov 21 12:25 name",
            "11-21-26  12:25PM       <DIR>          name", "lrwxrwxrwx 1 o g 1 Nov 21 12:25 a -> b", "",
        ].map(bytes)
        for _ in 0..<20_000 {
            var line = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let byte = UInt8.random(in: 0...255, using: &random)
                let place = Int.random(in: 0...line.count, using: &random)
                if place < line.count, Bool.random(using: &random) {
                    if Bool.random(using: &random) { line[place] = byte } else { line.remove(at: place) }
                } else {
                    line.insert(byte, at: place)
                }
            }
            for entry in [entryOf(.machine(line)), entryOf(.human(line))].compactMap({ $0 }) {
                if RemotePath("d")?.appending(entry.name) == nil { Issue.record("\(line)") }
            }
        }
    }

    // MARK: Whole listings

    private let limits = FTPListingReader.Limits(entries: 3, bytes: 1000)

    @Test func `a listing is read however its bytes are cut, and whether or not its last line ends`() {
        let text = bytes("type=file;size=1; a\r\ntype=file;size=2; b\n\ntype=file;size=3; c")
        for size in 1...text.count {
            var reader = FTPListingReader(limits) { $0.isEmpty ? .blank : FTPLine.machine($0) }
            for start in stride(from: 0, to: text.count, by: size) {
                #expect(isTrue(reader.take(text[start..<min(start + size, text.count)])))
            }
            reader.finish()
            #expect(reader.entries.map(\.name) == ["a", "b", "c"].map(bytes))
            #expect(reader.fault == nil && !reader.isUnknown)
        }
    }

    @Test func `a listing ends at its limits`() {
        var entries = FTPListingReader(limits, FTPLine.machine)
        #expect(isTrue(!entries.take(bytes(String(repeating: "type=file; x\n", count: 4)))))
        #expect(entries.fault?.kind == .tooMuch)
        var long = FTPListingReader(limits, FTPLine.machine)
        #expect(isTrue(!long.take(bytes(String(repeating: "x", count: 1001)))))
        #expect(long.fault?.kind == .tooMuch)
        var line = FTPListingReader(.init(entries: 3, bytes: 1 << 20), FTPLine.machine)
        #expect(isTrue(!line.take(bytes(String(repeating: "x", count: 20_000)))))
        #expect(line.fault?.kind == .garbled)
        var strange = FTPListingReader(limits, FTPLine.machine)
        #expect(isTrue(!strange.take(bytes("strange\n"))))
        #expect(strange.isUnknown && strange.fault == nil)
    }

    @Test func `only a listing that begins with what is not understood is in another form`() {
        let entry = "-rw-r--r-- 1 o g 5 Nov 21 12:25 "
        for beginning in ["total 12\n" + entry + "x\n", entry + "\n", entry + "..\n"] {
            var reader = FTPListingReader(limits, FTPLine.human)
            #expect(isTrue(reader.take(bytes(beginning + "rest of a name\n" + entry + "z\n"))))
            #expect(!reader.isUnknown)
            #expect(reader.entries.suffix(2).map(\.name) == [bytes("rest of a name"), bytes("z")])
            #expect(reader.entries.suffix(2).map(\.kind) == [.other, .file])
        }
        var other = FTPListingReader(limits, FTPLine.human)
        #expect(isTrue(!other.take(bytes("total 12\nstrange\n" + entry + "x\n"))))
        #expect(other.isUnknown)
    }

    // MARK: Answers

    @Test func `answers are put together from their lines`() {
        var reader = FTPReplyReader()
        let lines = [
            "220 hello\r\n", "211-Features:\r\n", " SIZE\r\n", "211 is not the end of 212\r\n", "230-a\r\n",
            "211 b\r\n",
            "230\r\n", "250 \r\n", "not a reply\r\n", "550 é\r\n",
        ]
        for line in lines { #expect(isTrue(reader.take(bytes(line)))) }
        #expect(reader.replies.map(\.code) == [220, 211, 230, 250, 550])
        #expect(reader.replies[1].lines == ["Features:", " SIZE", "is not the end of 212"].map(bytes))
        #expect(reader.replies[2].lines == ["a", "211 b", ""].map(bytes))
        #expect(reader.replies[4].lines == [bytes("é")])
    }

    @Test func `answers without an end are not heard to it`() {
        var reader = FTPReplyReader()
        var heard = 0
        while heard < 10_000, reader.take(bytes("200-and then\r\n")) { heard += 1 }
        #expect(reader.isTooLong)
        #expect(heard < 10_000)
    }

    // MARK: Paths

    @Test func `a path goes into a URL byte by byte`() throws {
        func encoded(_ text: String) -> String? {
            RemotePath(text).map { String(decoding: $0.percentEncoded, as: UTF8.self) }
        }
        #expect(encoded("IN/FI.X_a-b") == "IN/FI.X_a-b")
        #expect(encoded("/IN/x") == "%2FIN/x")
        #expect(encoded("a;type=i?b#c%d e") == "a%3Btype%3Di%3Fb%23c%25d%20e")
        #expect(encoded("é") == "%C3%A9")
        #expect(RemotePath([0xFF]).map(\.percentEncoded) == bytes("%FF"))
    }

    @Test func `a path is parted at its last name`() throws {
        func parted(_ text: String) -> [String]? {
            RemotePath(text)?.parted.map { ["\($0.directory)", String(decoding: $0.name, as: UTF8.self)] }
        }
        #expect(parted("a") == [".", "a"])
        #expect(parted("a/b") == ["a", "b"])
        #expect(parted("a/b/") == ["a", "b"])
        #expect(parted("/a") == ["/", "a"])
        #expect(parted("/") == nil)
    }
}
