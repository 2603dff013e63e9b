import Exchange
import Foundation
import Testing

@Suite struct FileNameTests {
    @Test func `a name of the convention is written as it is`() {
        #expect(
            FileName("FI.DMFA.006400.20230420.00001.R.1.1")?.escaped == "FI.DMFA.006400.20230420.00001.R.1.1")
        #expect(FileName("a_b-c")?.escaped == "a_b-c")
    }

    @Test(arguments: [
        (".hidden", "%2Ehidden"), ("a b", "a%20b"), ("100%", "100%25"), ("é", "%C3%A9"), ("a\nb", "a%0Ab"),
        ("...", "%2E.."), ("~", "%7E"),
    ])
    func `what could surprise is escaped`(_ text: String, _ escaped: String) {
        #expect(FileName(text)?.escaped == escaped)
        #expect(FileName(escaped: escaped) == FileName(text))
    }

    @Test(arguments: ["", ".", "..", "a/b", "/", "a\u{0}b", String(repeating: "a", count: 81)])
    func `what cannot be a name is none`(_ text: String) {
        #expect(FileName(text) == nil)
    }

    @Test(arguments: ["%", "%2", "%zz", "a%2", "%2F", "%00", "%2E", "%2E%2E", ""])
    func `what is no escaped form gives no name`(_ text: String) {
        #expect(FileName(escaped: text) == nil)
    }

    @Test func `any bytes come back from their escaped form and from JSON`() throws {
        var generator = SeededGenerator(seed: 1)
        var names = 0
        for _ in 0..<5000 {
            let bytes = generator.bytes(Int.random(in: 0...82, using: &generator))
            let isName =
                (1...80).contains(bytes.count) && !bytes.contains(0) && !bytes.contains(0x2F)
                && bytes != [0x2E]
                && bytes != [0x2E, 0x2E]
            let name = FileName(bytes)
            #expect((name != nil) == isName)
            guard let name else { continue }
            names += 1
            #expect(name.bytes == bytes)
            #expect(name.escaped.utf8.count <= 240)
            #expect(name.escaped.first != ".")
            #expect(name.escaped.utf8.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x2F } == false)
            #expect(FileName(escaped: name.escaped) == name)
            #expect(try JSONDecoder().decode([FileName].self, from: JSONEncoder().encode([name])) == [name])
        }
        #expect(names > 2000)
    }

    @Test func `different names have different escaped forms`() throws {
        let names = (1...255).filter { $0 != 0x2F }.compactMap { FileName([0x61, UInt8($0)]) }
        #expect(names.count == 254)
        #expect(Set(names.map(\.escaped)).count == 254)
    }
}
