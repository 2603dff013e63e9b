import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct DocumentEncodingTests {
    private let bench: DocumentBench

    init() throws { bench = try DocumentBench() }

    /// A Dimona with a name that holds `text`, declared and written in an encoding.
    private func document(_ name: String, _ text: String, as encoding: String.Encoding) throws -> [UInt8] {
        Array(try #require(document(name, text).data(using: encoding)))
    }

    private func document(_ name: String, _ text: String) -> String {
        let person =
            "<DimonaIn><StartingDate>2023-05-01</StartingDate><NaturalPerson><WorkerName>\(text)</WorkerName>"
            + "</NaturalPerson></DimonaIn>"
        return DimonaSample.document(DimonaSample.form("DIMONA", person))
            .replacingOccurrences(of: "UTF-8", with: name)
    }

    @Test(arguments: ["UTF-8", "utf-8", "utf8", "Utf-8"])
    func `UTF-8 is taken`(name: String) throws {
        #expect(try bench.check(try document(name, "Müller €", as: .utf8)).encoding == "UTF-8")
    }

    @Test func `UTF-8 is taken with a mark and without a declaration`() throws {
        let bytes = try document("UTF-8", "Müller €", as: .utf8)
        #expect(try bench.check([0xEF, 0xBB, 0xBF] + bytes).encoding == "UTF-8")
        let bare = Array(
            String(decoding: bytes, as: UTF8.self).dropFirst(DimonaSample.declaration.count + 1).utf8)
        #expect(try bench.check(bare).encoding == "UTF-8")
    }

    @Test(arguments: ["ISO-8859-1", "iso-8859-1", "latin1"])
    func `ISO 8859-1 is taken`(name: String) throws {
        #expect(try bench.check(try document(name, "Müller", as: .isoLatin1)).encoding == "ISO-8859-1")
    }

    @Test func `ISO 8859-15 is taken, and means what it means`() throws {
        // 49 characters are one too many; the euro sign is one byte in the file and one character of the
        // name.
        for (count, expected) in [(48, []), (49, [312])] {
            let text = document("iso-8859-15", String(repeating: "€", count: count))
            let bytes = text.unicodeScalars.map { $0 == "€" ? 0xA4 : UInt8(truncatingIfNeeded: $0.value) }
            #expect(try bench.findings(bytes).map(\.code.rawValue) == expected)
            if expected.isEmpty { #expect(try bench.check(bytes).encoding == "ISO-8859-15") }
        }
    }

    @Test func `US-ASCII is taken, and is seven bits wide`() throws {
        #expect(try bench.check(try document("us-ascii", "Muller", as: .ascii)).encoding == "US-ASCII")
        let findings = try bench.findings(try document("US-ASCII", "Müller", as: .isoLatin1))
        #expect(findings.map(\.code) == [.notWellFormed])
        #expect(findings.first?.detail == "the document holds a byte that is not US-ASCII")
    }

    @Test(arguments: [
        "windows-1252", "UTF-16", "UTF-16LE", "UTF-32", "UTF-7", "EBCDIC-CP-BE", "ISO-8859-2", "x-klingon",
    ])
    func `138 for an encoding declared and not taken`(name: String) throws {
        #expect(
            try bench.findings(try document(name, "Muller", as: .utf8)).map(\.code) == [.encodingUnsupported])
    }

    @Test(arguments: [
        String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32, .utf32LittleEndian,
        .utf32BigEndian,
    ])
    func `138 for two and four bytes a character`(encoding: String.Encoding) throws {
        #expect(
            try bench.findings(try document("UTF-16", "Muller", as: encoding)).map(\.code) == [
                .encodingUnsupported
            ])
    }

    @Test func `138 when mark and declaration disagree`() throws {
        let bytes = try document("ISO-8859-1", "Muller", as: .utf8)
        #expect(try bench.findings([0xEF, 0xBB, 0xBF] + bytes).map(\.code) == [.encodingUnsupported])
    }

    @Test(arguments: [
        [0xFF], [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
        [0xF0, 0x80, 0x80, 0x80],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
    ])
    func `bytes that are not UTF-8 are refused at their place, in text, attributes and comments`(bad: [UInt8])
        throws
    {
        for (before, after) in [
            ("<a>\n<b>x", "x</b></a>"), ("<a>\n<b c='", "'/></a>"), ("<a>\n<!-- ", " --></a>"),
        ] {
            let findings = try bench.findings(Array(before.utf8) + bad + Array(after.utf8), as: .anything)
            #expect(findings.map(\.code) == [.notWellFormed])
            #expect(findings.first?.detail == "the document holds a byte that is not UTF-8")
            #expect(findings.first?.place?.line == 2)
        }
    }

    @Test func `a character cut by the end of the file is refused`() throws {
        let findings = try bench.findings(Array("<a/><!-- ".utf8) + [0xE2, 0x82], as: .anything)
        #expect(findings.map(\.code) == [.notWellFormed])
    }

    @Test func `characters may lie across the pieces that are read`() throws {
        for shift in 0..<4 {
            let text = String(repeating: " ", count: shift) + String(repeating: "<b>€😀é</b>", count: 20_000)
            #expect(try bench.check("<a>\(text)</a>", as: .anything).encoding == "UTF-8")
        }
    }

    @Test func `a declaration that does not end is refused`() throws {
        let document =
            "<?xml version='1.0' " + String(repeating: " ", count: 5000) + "encoding='UTF-16'?><a/>"
        #expect(try bench.codes(document, as: .anything) == [102])
    }

    @Test func `the screen gives the same whatever the pieces`() {
        let bytes = Array("aé€😀z".utf8)
        for size in 1...bytes.count {
            var screen = CharacterScreen(.utf8)
            var passed: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                let fault = bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { piece in
                    screen.pass(piece) { passed += $0 }
                }
                #expect(fault == nil)
            }
            #expect(passed == bytes)
            #expect(!screen.isInsideCharacter)
        }
    }

    @Test func `ISO 8859-15 becomes UTF-8, in the eight places that are its own`() {
        var screen = CharacterScreen(.latin9)
        var passed: [UInt8] = []
        let bytes: [UInt8] = [0x41, 0xA4, 0xA6, 0xA8, 0xB4, 0xB8, 0xBC, 0xBD, 0xBE, 0xE9, 0xFF, 0xA3, 0x80]
        #expect(bytes.withUnsafeBytes { piece in screen.pass(piece) { passed += $0 } } == nil)
        #expect(String(decoding: passed, as: UTF8.self) == "A€ŠšŽžŒœŸéÿ£\u{80}")
    }
}
