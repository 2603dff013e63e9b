import TestServers
import Testing

@testable import SenderClient

@Suite struct AnswerXMLTests {
    private func events(_ bytes: [UInt8]) throws -> [AnswerXML.Event] {
        var events: [AnswerXML.Event] = []
        try AnswerXML.read(bytes) { events.append($0) }
        return events
    }

    private func events(_ text: String) throws -> [AnswerXML.Event] { try events(Array(text.utf8)) }

    @Test func `elements, text, references and sections are read`() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?><!-- of > no < account --><?instruction ?>
            <a x="1" y='<' ><b>1 &lt; &#50; &#x26; 3<![CDATA[ <&> ]]><!-- - --></b
            ><c/></a>
            """
        #expect(throws: AnswerXML.Fault.self) { try events(text) }
        #expect(
            try events(text.replacing("'<'", with: "'&gt;'"))
                == [
                    .start("a"), .start("b"), .text("1 < 2 & 3 <&> "), .end, .text("\n"), .start("c"), .end,
                    .end,
                ].filter { $0 != .text("\n") })
    }

    @Test func `other encodings of answers are read as what they are`() throws {
        let latin = Array("<?xml version='1.0' encoding='ISO-8859-1'?><a>".utf8) + [0xE9] + Array("</a>".utf8)
        #expect(try events(latin) == [.start("a"), .text("é"), .end])
        #expect(try events([0xEF, 0xBB, 0xBF] + Array("<a>é</a>".utf8)) == [.start("a"), .text("é"), .end])
        let unknown = Array("<?xml version='1.0' encoding='UTF-7'?><a/>".utf8)
        #expect(throws: AnswerXML.Fault.self) { try events(unknown) }
        #expect(throws: AnswerXML.Fault.self) { try events(Array("<a>".utf8) + [0xE9] + Array("</a>".utf8)) }
        #expect(throws: AnswerXML.Fault.self) { try events(Array("<a>".utf8) + [0] + Array("</a>".utf8)) }
    }

    @Test(arguments: [
        "", " ", "a", "<", "<a", "<a>", "<a></b>", "<a></a", "<a/><b/>", "<a/>x", "x<a/>", "</a>",
        "<a b></a>", "<a b=c/>",
        "<a b=\"c/>", "<a b=\"1\"c=\"2\"/>", "<1/>", "<a>&x;</a>", "<a>&amp</a>", "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&#-5;</a>", "<a>&#99999999999;</a>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<a><!DOCTYPE b></a>",
        "<a><!-- </a>", "<a><![CDATA[ </a>", "<?xml", "<a><?x </a>", "<![CDATA[x]]>", "<a>&#x+41;</a>",
    ])
    func `what is malformed or wants more than is taken is refused`(text: String) {
        #expect(throws: AnswerXML.Fault.self) { try events(text) }
    }

    @Test func `a document has bounds`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(try events(nested(AnswerXML.deepest)).count == 2 * AnswerXML.deepest)
        #expect(throws: AnswerXML.Fault.self) { try events(nested(AnswerXML.deepest + 1)) }
        #expect(throws: AnswerXML.Fault.self) {
            try events([UInt8](repeating: 0x20, count: AnswerXML.longest + 1))
        }
        let names = (0..<65).map { " a\($0)=''" }.joined()
        #expect(throws: AnswerXML.Fault.self) { try events("<a\(names)/>") }
        #expect(throws: AnswerXML.Fault.self) { try events("<\(String(repeating: "a", count: 201))/>") }
    }

    @Test func `whatever the bytes, reading ends in an answer or a fault`() throws {
        let document = Signet.receipt(of: "GO.DMFA.006400.20230420.00001.R.1", codes: ["ACRF-125"])
        var generator = SeededGenerator(seed: 7)
        var faults = 0
        for _ in 0..<3000 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { break }
            }
            do {
                _ = try Receipt.forms(in: bytes)
            } catch {
                faults += 1
            }
        }
        #expect(faults > 1000)
    }
}
