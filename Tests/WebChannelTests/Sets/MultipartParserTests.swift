import Exchange
import Testing

@testable import WebChannel

@Suite struct MultipartParserTests {
    @Test func `the files of a form come with their names and bytes`() throws {
        let body = form([
            ("FI.DMFA.006400.20230420.00001.R.1.1", "<a/>"), ("FS.DMFA.006400.20230420.00001.R.1.1", "sig"),
        ])
        #expect(
            try parts(of: body) == [
                "FI.DMFA.006400.20230420.00001.R.1.1": Array("<a/>".utf8),
                "FS.DMFA.006400.20230420.00001.R.1.1": Array("sig".utf8),
            ])
    }

    @Test func `however a body is cut, the same comes out`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let contents = (0..<Int.random(in: 1...4)).map { index in
                ("F\(index)", String(decoding: randomContent(&generator), as: UTF8.self))
            }
            let body = form(contents)
            let whole = try parts(of: body)
            #expect(whole == Dictionary(uniqueKeysWithValues: contents.map { ($0.0, Array($0.1.utf8)) }))
            #expect(try parts(of: body, pieces: { _ in 1 }) == whole)
            #expect(try parts(of: body, pieces: { _ in Int.random(in: 1...40) }) == whole)
        }
    }

    @Test func `a cut body is known as one at every place`() throws {
        let body = form([("GO", "x"), ("FI", "\r\n--")])
        let end = try #require(body.lastRange(of: "--limit--"))
        for length in 0..<(end + 9) {
            #expect(throws: MultipartFault.cutShort) { try parts(of: Array(body.prefix(length))) }
        }
    }

    @Test func `what looks like a boundary but is none stays in the file`() throws {
        let content = "\r\n--limi\r\n-limit\n--limit\r\r\n--lim"
        #expect(try parts(of: form([("FI", content)]))["FI"] == Array(content.utf8))
    }

    @Test func `an empty file, one without any field after the name and a preamble are read`() throws {
        let text =
            "mail readers see this\r\n--limit \t\r\ncontent-disposition:attachment;filename=GO\r\n\r\n--limit--"
        #expect(try parts(of: Array(text.utf8)) == ["GO": []])
        #expect(try parts(of: form([("GO", "")])) == ["GO": []])
    }

    @Test func `an epilogue is nobody's`() throws {
        #expect(try parts(of: form([("GO", "x")]) + Array("\r\n--limit\r\nrubbish".utf8)) == ["GO": [0x78]])
    }

    @Test(arguments: [
        ("a boundary with something behind it", "--limit!\r\n", MultipartFault.delimiter),
        ("a bare line feed behind a boundary", "--limit\nA: b\r\n\r\n", .delimiter),
        ("a single dash behind a boundary", "--limit-x\r\n", .delimiter),
        ("a carriage return alone behind a boundary", "--limit\rA", .delimiter),
        ("a line without a colon", "--limit\r\nrubbish\r\n\r\n", .header),
        ("a field ended by a bare line feed", "--limit\r\nA: b\nC: d\r\n\r\n", .header),
        ("a carriage return inside a field", "--limit\r\nA: b\rC: d\r\n\r\n", .header),
        ("a null byte in a field", "--limit\r\nA: \0\r\n\r\n", .header),
        (
            "a field twice",
            "--limit\r\nContent-Disposition: a;filename=b\r\nContent-Disposition: a;filename=c\r\n\r\n",
            .header
        ),
        ("a filename twice", "--limit\r\nContent-Disposition: a; filename=b; filename=c\r\n\r\n", .header),
        ("a quote never closed", "--limit\r\nContent-Disposition: a; filename=\"b\r\n\r\n", .header),
        ("a part without disposition", "--limit\r\nA: b\r\n\r\n", .nameMissing),
        ("a part that is no file", "--limit\r\nContent-Disposition: form-data; name=x\r\n\r\n", .nameMissing),
        (
            "base64",
            "--limit\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: a;filename=b\r\n\r\n",
            .encoding
        ),
        ("a multipart inside", "--limit\r\nContent-Type: multipart/mixed;boundary=a\r\n\r\n", .encoding),
    ])
    func `a malformed body is refused`(what: String, text: String, fault: MultipartFault) {
        #expect(throws: fault, "\(what)") { try parts(of: Array(text.utf8)) }
    }

    @Test(arguments: [
        "../GO", "/etc/passwd", "a/b", #"..\GO"#, #"C:\GO"#, "..", ".", #"a\"b"#, "a\tb",
        String(repeating: "A", count: 81),
    ])
    func `a filename that is more than a name is refused, never cut`(name: String) {
        #expect(throws: MultipartFault.name) { try parts(of: form([(name, "x")])) }
        let encoded = name.utf8.map { "%" + [$0].hexadecimal }.joined()
        #expect(throws: MultipartFault.name) {
            try parts(of: form("filename*=UTF-8''\(encoded)", "x"))
        }
    }

    @Test func `a name of 80 bytes is taken, also in the extended notation`() throws {
        let name = String(repeating: "A", count: 80)
        #expect(try parts(of: form([(name, "x")])).keys.first == name)
        #expect(try parts(of: form("filename=\"GO\"; filename*=utf-8'en'%47O", "x")) == ["GO": [0x78]])
    }

    @Test(arguments: ["filename=\"G_\"; filename*=UTF-8''GO", "filename*=UTF-8''GO; filename=\"../G\""])
    func `the extended notation counts before a plain name`(parameters: String) throws {
        #expect(try parts(of: form(parameters, "x")) == ["GO": [0x78]])
    }

    @Test(arguments: [
        "filename=\"GO\"; filename*=UTF-8''a%2Fb", "filename=\"GO\"; filename*=FI", "filename*=UTF-16''GO",
        "filename*=UTF-8''%4",
        "filename*=UTF-8''a%7F", "filename*=UTF-8''a%00", "filename*=UTF-8''a%C3", "filename*=UTF-8''%FFa",
        "filename*=GO",
    ])
    func `wrong names and notations nobody reads are refused in the extended notation`(parameters: String) {
        #expect(throws: MultipartFault.name) { try parts(of: form(parameters, "x")) }
    }

    @Test func `fields, parts and preambles have bounds`() throws {
        let disposition = "Content-Disposition: a; filename=b\r\n"
        let fields = (0..<20).map { "A\($0): b\r\n" }.joined()
        #expect(throws: MultipartFault.headerSize) {
            try parts(of: Array("--limit\r\n\(fields)\(disposition)\r\n".utf8))
        }
        let long = String(repeating: "a", count: 9000)
        #expect(throws: MultipartFault.headerSize) { try parts(of: Array("--limit\r\nA: \(long)".utf8)) }
        #expect(throws: MultipartFault.preamble) { try parts(of: Array(long.utf8)) }
        #expect(throws: MultipartFault.delimiter) {
            try parts(of: Array("--limit\(String(repeating: " ", count: 71))\r\n".utf8))
        }
        #expect(try parts(of: form((1...40).map { ("F\($0)", "x") })).count == 40)
        #expect(throws: MultipartFault.partCount) { try parts(of: form((1...41).map { ("F\($0)", "x") })) }
    }

    @Test func `ten thousand parts are refused at the forty-first`() throws {
        var parser = MultipartParser(try limit)
        let part = Array("\r\n--limit\r\nContent-Disposition: a; filename=b\r\n\r\nx".utf8)
        var count = 0
        #expect(throws: MultipartFault.partCount) {
            for _ in 0..<10_000 {
                _ = try parser.read(part)
                count += 1
            }
        }
        #expect(count == 40)
    }

    @Test(arguments: ["", String(repeating: "a", count: 71), "a ", "a\"b", "a\r\n", "é"])
    func `a boundary outside RFC 2046 is none`(text: String) {
        #expect(MultipartBoundary(Array(text.utf8)) == nil)
    }

    @Test func `random bytes are refused or read, and nothing traps`() throws {
        var generator = SystemRandomNumberGenerator()
        let words = [
            "\r\n", "--limit", "--", "Content-Disposition: a; filename=b", ":", " ", "\"", ";", "\n", "x",
            "\0",
        ]
        for _ in 0..<2000 {
            var parser = MultipartParser(try limit)
            do throws(MultipartFault) {
                for _ in 0..<30 {
                    _ = try parser.read(Array((words.randomElement(using: &generator) ?? "").utf8))
                }
                try parser.finish()
            } catch {
                #expect(error != .boundary)
            }
        }
    }

    private var limit: MultipartBoundary {
        get throws { try #require(MultipartBoundary(Array("limit".utf8))) }
    }

    private func form(_ files: [(String, String)]) -> [UInt8] {
        let parts = files.map { name, content in part("name=\"file\"; filename=\"\(name)\"", content) }
        return Array((parts.joined() + "--limit--\r\n").utf8)
    }

    private func form(_ parameters: String, _ content: String) -> [UInt8] {
        Array((part(parameters, content) + "--limit--\r\n").utf8)
    }

    private func part(_ parameters: String, _ content: String) -> String {
        "--limit\r\nContent-Disposition: form-data; \(parameters)\r\nContent-Type: application/xml\r\n\r\n\(content)\r\n"
    }

    /// Never a delimiter, but often what looks like one.
    private func randomContent(_ generator: inout SystemRandomNumberGenerator) -> [UInt8] {
        let words = ["\r\n", "\r", "\n", "--", "--limi", "limit", "\r\n--", "\r\n--limi", "x", " "]
        while true {
            let content = (0..<Int.random(in: 0...12, using: &generator)).flatMap { _ in
                Array((words.randomElement(using: &generator) ?? "").utf8)
            }
            if (Array("\r\n".utf8) + content).lastRange(of: "\r\n--limit") == nil { return content }
        }
    }

    private func parts(
        of body: [UInt8], pieces: (Int) -> Int = { $0 }
    ) throws -> [String: [UInt8]] {
        var parser = MultipartParser(try limit)
        var files: [String: [UInt8]] = [:]
        var current: String?
        var rest = body[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieces(rest.count))
            rest = rest.dropFirst(piece.count)
            for event in try parser.read(Array(piece)) {
                switch event {
                case .begin(let part):
                    #expect(current == nil)
                    current = String(decoding: part.name.bytes, as: UTF8.self)
                    files[current ?? ""] = []
                case .bytes(let bytes):
                    #expect(!bytes.isEmpty)
                    files[try #require(current)]?.append(contentsOf: bytes)
                case .end:
                    #expect(current != nil)
                    current = nil
                }
            }
        }
        try parser.finish()
        return files
    }
}

extension [UInt8] {
    /// Where `text` stands last.
    fileprivate func lastRange(of text: String) -> Int? {
        let wanted = Array(text.utf8)
        return indices.last { self[$0...].starts(with: wanted) }
    }
}
